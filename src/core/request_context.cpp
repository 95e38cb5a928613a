#include "troupe/core/request_context.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>

#include "troupe/base/error.hpp"

namespace troupe {

struct request_context::contents {
  std::atomic<std::size_t> holders{1};
  std::map<std::string, std::string, std::less<>> entries;  // constant once shared
  std::optional<trace_context> trace;                       // constant once shared

  [[nodiscard]] static std::unique_ptr<contents> copy(const contents* of) {
    auto made = std::make_unique<contents>();
    if (of != nullptr) {
      made->entries = of->entries;
      made->trace = of->trace;
    }
    return made;
  }
};

request_context::request_context(const request_context& other) noexcept : held_(other.held_) {
  if (held_ != nullptr) held_->holders.fetch_add(1, std::memory_order_relaxed);
}

void request_context::let_go() noexcept {
  if (held_->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) delete held_;
}

request_context request_context::with(std::string_view key, std::string_view value) const {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
  };
  if (key.empty() || key.size() > 64 || !std::all_of(key.begin(), key.end(), fits)) {
    throw error(errc::invalid_argument, "a key of a request context is not 1 to 64 bytes of [A-Za-z0-9_.-]");
  }
  auto made = contents::copy(held_);
  made->entries.insert_or_assign(std::string(key), std::string(value));
  std::size_t bytes = 0;
  for (const auto& [name, text] : made->entries) bytes += name.size() + text.size();
  if (made->entries.size() > context_entries_max || bytes > context_bytes_max) {
    throw error(errc::too_large, "the request context would have " + std::to_string(made->entries.size()) +
                                     " entries of " + std::to_string(bytes) + " bytes; the limits are " +
                                     std::to_string(context_entries_max) + " and " + std::to_string(context_bytes_max));
  }
  return request_context(made.release());
}

request_context request_context::with(trace_context trace) const {
  auto made = contents::copy(held_);
  made->trace = std::move(trace);
  return request_context(made.release());
}

std::optional<std::string_view> request_context::get(std::string_view key) const noexcept {
  if (held_ == nullptr) return std::nullopt;
  const auto found = held_->entries.find(key);
  if (found == held_->entries.end()) return std::nullopt;
  return found->second;
}

std::vector<std::pair<std::string, std::string>> request_context::entries() const {
  if (held_ == nullptr) return {};
  return {held_->entries.begin(), held_->entries.end()};
}

const trace_context* request_context::trace() const noexcept {
  return held_ != nullptr && held_->trace ? &*held_->trace : nullptr;
}

}  // namespace troupe
