#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "troupe/fwd.hpp"

namespace troupe::detail {

/// One state cell as the runtime sees it. Only on the owning strand.
class cell_base {
 public:
  cell_base(const cell_base&) = delete;
  cell_base& operator=(const cell_base&) = delete;

  [[nodiscard]] virtual std::uint32_t schema() const noexcept = 0;
  virtual void encode(std::string& json) const = 0;
  /// Replaces the value. Throws `error` when `json` cannot be read; the value is then unspecified.
  virtual void decode(std::string_view json, std::uint32_t schema) = 0;
  virtual void reset_value() = 0;

  /// Keeps a copy of the value, puts it back, forgets it. A second `keep` before that is ignored.
  virtual void keep() = 0;
  virtual void put_back() = 0;
  virtual void forget() noexcept = 0;

  [[nodiscard]] std::string_view name() const noexcept { return name_; }

  cell_base* next = nullptr;
  bool present = false;      ///< the actor has this cell
  bool was_present = false;  ///< `present` when `keep` was called
  bool dirty = false;        ///< edited by the running turn

 protected:
  cell_base(actor& owner, std::string_view name);
  virtual ~cell_base() = default;

  /// Marks the cell as edited by the running turn. Throws `std::logic_error` outside a turn.
  void begin_edit();

 private:
  actor* owner_;
  std::string_view name_;
};

}  // namespace troupe::detail
