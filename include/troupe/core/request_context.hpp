#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "troupe/base/trace_context.hpp"

namespace troupe {

/// Most entries of a request context, and the most bytes of their keys and values together.
inline constexpr std::size_t context_entries_max = 32;
inline constexpr std::size_t context_bytes_max = 4096;

/// What travels with a call and with all that is called or told because of it: a tenant, a locale, a trace. It is no
/// argument and decides nothing; the actors on the way need not know of it.
///
/// A value: changing one makes another. Empty, it costs a message one null pointer.
/// Thread-safety: like a `std::shared_ptr`.
class request_context {
 public:
  request_context() noexcept = default;
  request_context(const request_context& other) noexcept;
  request_context(request_context&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
  request_context& operator=(request_context other) noexcept {
    std::swap(held_, other.held_);
    return *this;
  }
  ~request_context() {
    if (held_ != nullptr) let_go();
  }

  /// This one with an entry, which replaces one of the same key.
  /// Throws `error{errc::invalid_argument}` for a key that is not 1 to 64 bytes of `[A-Za-z0-9_.-]`, `errc::too_large`
  /// past `context_entries_max` or `context_bytes_max`.
  [[nodiscard]] request_context with(std::string_view key, std::string_view value) const;

  /// This one with a trace; each turn on the way becomes a step of it, named by a random span id.
  [[nodiscard]] request_context with(trace_context trace) const;

  /// The value of an entry. Lifetime: this object's, and its copies'.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view key) const noexcept;

  /// All entries, sorted by key.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> entries() const;

  /// The trace: in a handler the span is that of its turn. Null: none. Lifetime: this object's, and its copies'.
  [[nodiscard]] const trace_context* trace() const noexcept;

  [[nodiscard]] bool empty() const noexcept { return held_ == nullptr; }

 private:
  struct contents;
  explicit request_context(contents* made) noexcept : held_(made) {}
  void let_go() noexcept;

  contents* held_ = nullptr;
};

}  // namespace troupe
