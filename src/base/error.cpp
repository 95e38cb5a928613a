#include "troupe/base/error.hpp"

namespace troupe {
namespace {

class category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "troupe"; }

  [[nodiscard]] std::string message(int code) const override {
    switch (static_cast<errc>(code)) {
      case errc::invalid_argument:
        return "invalid argument";
      case errc::unknown_type:
        return "unknown actor type";
      case errc::unknown_method:
        return "unknown method";
      case errc::too_large:
        return "too large";
      case errc::not_encodable:
        return "not encodable";
      case errc::bad_state:
        return "stored state cannot be read";
      case errc::too_deep:
        return "too deep a chain of calls";
      case errc::would_block:
        return "would block a thread of the runtime";
      case errc::unavailable:
        return "unavailable";
      case errc::activation_failed:
        return "activation failed";
      case errc::shutting_down:
        return "shutting down";
      case errc::quarantined:
        return "quarantined";
      case errc::deadlock:
        return "deadlock";
      case errc::overloaded:
        return "overloaded";
      case errc::conflict:
        return "conflict with another writer";
      case errc::timeout:
        return "timeout";
      case errc::cancelled:
        return "cancelled";
      case errc::commit_unknown:
        return "outcome of the commit unknown";
    }
    return "unknown error";
  }
};

}  // namespace

const std::error_category& error_category() noexcept {
  static const category instance;
  return instance;
}

effect effect_of(errc code) noexcept {
  const bool doubtful = code == errc::commit_unknown || code == errc::timeout || code == errc::cancelled;
  return doubtful ? effect::unknown : effect::none;
}

bool may_succeed_later(errc code) noexcept {
  switch (code) {
    case errc::unavailable:
    case errc::activation_failed:
    case errc::shutting_down:
    case errc::quarantined:
    case errc::overloaded:
    case errc::conflict:
    case errc::deadlock:
    case errc::timeout:
    case errc::cancelled:
    case errc::commit_unknown:
      return true;
    case errc::invalid_argument:
    case errc::unknown_type:
    case errc::unknown_method:
    case errc::too_large:
    case errc::not_encodable:
    case errc::bad_state:
    case errc::too_deep:
    case errc::would_block:
      return false;
  }
  return false;
}

}  // namespace troupe
