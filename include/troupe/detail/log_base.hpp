#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "troupe/core/task.hpp"
#include "troupe/fwd.hpp"
#include "troupe/spi/actor_log.hpp"

namespace troupe::detail {

/// A log as the runtime sees it: its name, and JSON. Only on the owning strand.
class log_base {
 public:
  log_base(const log_base&) = delete;
  log_base& operator=(const log_base&) = delete;

  [[nodiscard]] std::string_view name() const noexcept { return name_; }
  [[nodiscard]] std::size_t entries_max() const noexcept { return entries_max_; }

  log_base* next_log = nullptr;  ///< of the same actor

 protected:
  log_base(actor& owner, std::string_view name, std::size_t entries_max);
  ~log_base() = default;

  [[nodiscard]] spi::log_head head() const;
  void append_json(std::string json);
  void drop_below(std::uint64_t first);
  void keep(std::uint64_t newest);
  [[nodiscard]] task<std::vector<spi::log_entry_image>> read_images(std::uint64_t from, std::uint64_t to);
  [[nodiscard]] task<std::vector<spi::log_entry_image>> read_newest(std::uint64_t count);
  [[nodiscard]] task<std::uint64_t> first_at_or_after(wall_time when);
  [[noreturn]] void fail_decoding(std::uint64_t sequence, const char* why) const;

 private:
  actor* owner_;
  std::string_view name_;
  std::size_t entries_max_;
};

}  // namespace troupe::detail
