#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <nlohmann/json.hpp>

#include "troupe/base/codec.hpp"
#include "troupe/detail/cell.hpp"

namespace troupe {

/// The schema version of a state type. Customization point: specialise it when the meaning of stored rows changes.
///
/// `upgrade(json, from)` turns a value of version `from` into one of version `from + 1`; a stored row passes through
/// the chain when it is loaded and is written back with the actor's next commit. A row of a newer version than
/// `version` is refused: the activation fails with `errc::bad_state`, and the row stays as it is.
template <class T>
struct state_schema {
  static constexpr std::uint32_t version = 1;
};

/// A named cell of an actor's durable state; an actor has any number, committed together at the end of each turn.
///
/// Reading is free. `edit` marks the cell as changed, so that the turn's record carries it. When the handler throws,
/// every cell gets back the value it had before the turn. A cell nobody has edited yet holds `T{}`.
///
/// Requires: T is default constructible and `encodable`; declared as a member of the actor, constructed with it.
/// Thread-safety: the owning strand.
template <class T>
class state final : public detail::cell_base {
  static_assert(std::is_default_constructible_v<T>,
                "a state type needs a default constructor: a cell that nobody has edited holds T{}");
  static_assert(encodable<T>,
                "a state type needs a JSON conversion: NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(type, "
                "members...) beside it, "
                "or a specialisation of troupe::codec");

 public:
  /// `name` identifies the cell in the store for ever: 1 to 64 bytes `[A-Za-z0-9_.-]`, unique within the actor,
  /// a string that outlives the actor (a literal). Throws `error{errc::invalid_argument}` at the first activation.
  state(actor& owner, std::string_view name) : cell_base(owner, name) {}

  [[nodiscard]] const T& operator*() const noexcept { return value_; }
  [[nodiscard]] const T* operator->() const noexcept { return &value_; }

  /// Whether the actor has this cell: it was edited once and not erased since.
  [[nodiscard]] bool exists() const noexcept { return present; }

  /// Gives write access and marks the cell as changed. The reference is good until the end of the turn.
  /// Throws `std::logic_error` outside a turn of the owning actor.
  T& edit() {
    begin_edit();
    present = true;
    return value_;
  }

  /// Replaces the value.
  void set(T value) { edit() = std::move(value); }

  /// Removes the cell from the store and sets the value to `T{}`.
  void erase() {
    begin_edit();
    present = false;
    value_ = T{};
  }

 private:
  [[nodiscard]] std::uint32_t schema() const noexcept override { return state_schema<T>::version; }
  void encode(std::string& json) const override { codec<T>::encode(value_, json); }

  bool decode(std::string_view json, std::uint32_t stored) override {
    constexpr std::uint32_t wanted = state_schema<T>::version;
    if (stored > wanted) {
      throw error(errc::bad_state, "is of schema version " + std::to_string(stored) + ", this program knows up to " +
                                       std::to_string(wanted) + "; run the newer program");
    }
    if constexpr (wanted > 1) {
      if (stored < wanted) {
        auto value = nlohmann::json::parse(json);
        for (std::uint32_t from = stored; from < wanted; ++from) {
          value = state_schema<T>::upgrade(std::move(value), from);
        }
        value_ = codec<T>::decode(value.dump());
        return true;
      }
    }
    value_ = codec<T>::decode(json);
    return false;
  }

  void reset_value() override { value_ = T{}; }

  struct kept final : detail::kept_value {
    kept(T copied, bool there) : value(std::move(copied)), present(there) {}
    T value;
    bool present;
  };
  [[nodiscard]] std::unique_ptr<detail::kept_value> copy() const override {
    if constexpr (std::is_copy_constructible_v<T>) {
      return std::make_unique<kept>(value_, present);
    } else {
      std::string json;
      codec<T>::encode(value_, json);
      return std::make_unique<kept>(codec<T>::decode(json), present);
    }
  }
  void exchange(detail::kept_value& other) noexcept override {
    using std::swap;
    auto& kept_one = static_cast<kept&>(other);
    swap(value_, kept_one.value);
    swap(present, kept_one.present);
  }

  T value_{};
};

}  // namespace troupe
