#pragma once

#include <string>

#include "invoices/csv_reader.hpp"

namespace marketplace {

/// Returns why the first record of a file is no header of invoices, with what may have happened; empty: it is one.
/// A header has eight fields; how they are spelled does not matter as long as they are no row.
[[nodiscard]] std::string problem_of_header(const csv_record& first);

}  // namespace marketplace
