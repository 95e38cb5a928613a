#include "invoices/header.hpp"

#include <algorithm>
#include <string_view>
#include <variant>

#include "invoices/sale_line.hpp"

namespace marketplace {

std::string problem_of_header(const csv_record& first) {
  constexpr std::size_t column_count = 8;
  const std::string_view begin = first.fields.front();
  const auto any_field_has = [&](char wanted) {
    return std::any_of(first.fields.begin(), first.fields.end(),
                       [&](const std::string& field) { return field.find(wanted) != std::string::npos; });
  };
  if (begin.starts_with("\xFF\xFE") || begin.starts_with("\xFE\xFF") || any_field_has('\0')) {
    return "is not plain text; is it UTF-16? Save it as UTF-8";
  }
  if (any_field_has('\r')) return "has lines that end in CR alone; save it with LF or CRLF";
  if (!first.problem.empty()) return "has no header line that can be read: " + first.problem;
  if (first.fields.size() != column_count) {
    return "has a first line of " + std::to_string(first.fields.size()) +
           (first.fields.size() == 1 ? " field" : " fields") +
           " and no header of 8: InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";
  }
  if (std::holds_alternative<sale_line>(check_row(first))) {
    return "begins with a row; the header line InvoiceNo,StockCode,... is missing";
  }
  return {};
}

}  // namespace marketplace
