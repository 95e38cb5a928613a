#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "troupe/fwd.hpp"

namespace troupe::detail {

/// A value that was put aside, to be exchanged for the one in use.
class kept_value {
 public:
  kept_value() noexcept = default;
  kept_value(const kept_value&) = delete;
  kept_value& operator=(const kept_value&) = delete;
  virtual ~kept_value() = default;
};

/// Something a turn changes and that can be put back: a cell, or the actor's reminders. Only on the owning strand.
class revertible {
 public:
  revertible(const revertible&) = delete;
  revertible& operator=(const revertible&) = delete;

  /// Copies the value.
  [[nodiscard]] virtual std::unique_ptr<kept_value> copy() const = 0;
  /// Exchanges the value for one that `copy` made.
  virtual void exchange(kept_value& other) noexcept = 0;
  /// For people.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  std::uint64_t changed_at = 0;  ///< which of the actor's changes was its last; among overlapping turns

 protected:
  revertible() noexcept = default;
  ~revertible() = default;
};

/// One state cell as the runtime sees it. Only on the owning strand.
class cell_base : public revertible {
 public:
  [[nodiscard]] virtual std::uint32_t schema() const noexcept = 0;
  virtual void encode(std::string& json) const = 0;
  /// Replaces the value. Returns whether it was of an older schema. Throws `error` when `json` cannot be read; the
  /// value is then unspecified.
  virtual bool decode(std::string_view json, std::uint32_t schema) = 0;
  virtual void reset_value() = 0;

  /// Keeps a copy of the value, puts it back, forgets it. A second `keep` before that is ignored.
  void keep() {
    if (!kept_) kept_ = copy();
  }
  void put_back() noexcept {
    if (kept_) exchange(*kept_);
    kept_.reset();
  }
  void forget() noexcept { kept_.reset(); }

  [[nodiscard]] std::string_view name() const noexcept override { return name_; }

  cell_base* next = nullptr;
  bool present = false;          ///< the actor has this cell
  bool changed = false;          ///< edited since the newest record, or perhaps
  bool large = false;            ///< stands apart in the store, since the newest record
  bool becomes_large = false;    ///< the same, once the record that is being made is there
  std::uint32_t json_bytes = 0;  ///< what it takes as JSON, by the newest record or as loaded; 0: it is not there

 protected:
  cell_base(actor& owner, std::string_view name);
  ~cell_base() = default;

  /// Marks the cell as edited by the running turn. Throws `std::logic_error` outside a turn.
  void begin_edit();

 private:
  actor* owner_;
  std::string_view name_;
  std::unique_ptr<kept_value> kept_;
};

}  // namespace troupe::detail
