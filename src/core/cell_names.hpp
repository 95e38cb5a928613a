#pragma once

#include <cstddef>

#include "troupe/detail/cell.hpp"
#include "troupe/detail/log_base.hpp"

namespace troupe::internal {

/// Longest name of a state cell, in bytes.
inline constexpr std::size_t cell_name_bytes_max = 64;

/// Throws `error{errc::invalid_argument}` for a cell whose name breaks the rules or that two members share.
void check_cell_names(const detail::cell_base* cells);

/// The same for logs.
void check_log_names(const detail::log_base* logs);

}  // namespace troupe::internal
