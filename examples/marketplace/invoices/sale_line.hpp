#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include <nlohmann/json.hpp>

#include "invoices/csv_reader.hpp"

namespace marketplace {

/// The buyer of all sales that name no customer.
inline constexpr const char* guest_customer = "guest";

/// Longest stock code and customer id, in bytes: they become keys of actors.
inline constexpr std::size_t id_bytes_max = 512;

/// Largest quantity of one row, either sign.
inline constexpr std::int64_t row_units_max = 1'000'000'000'000;

/// One accepted row of an invoice file: a purchase, or a return.
struct sale_line {
  std::uint64_t line = 0;        ///< line of the file in which the row begins; names the sale for ever
  std::string invoice;           ///< not empty
  std::string stock_code;        ///< the seller
  std::string description;       ///< as it came
  std::int64_t quantity = 0;     ///< not zero; negative when goods go back or are written off
  std::int64_t price_pence = 0;  ///< of one unit, at least zero
  std::string date;              ///< `YYYY-MM-DD HH:MM:SS`, a valid one
  std::string customer;          ///< the buyer, without a trailing `.0`
  std::string country;           ///< as it came
  bool is_return = false;        ///< the invoice number begins with C

  /// What the row is worth, with its sign.
  [[nodiscard]] std::int64_t amount_pence() const noexcept { return quantity * price_pence; }
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(sale_line, line, invoice, stock_code, description, quantity,
                                                price_pence, date, customer, country, is_return)

/// A row that is no sale, and why.
struct rejected_row {
  std::uint64_t line = 0;
  std::string reason;
};

/// Checks one row against the rules of the invoice file, which README.md lists.
[[nodiscard]] std::variant<sale_line, rejected_row> check_row(const csv_record& record);

}  // namespace marketplace
