#include "invoices/sale_line.hpp"

#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>

#include "invoices/price.hpp"

namespace marketplace {
namespace {

enum column : std::size_t { invoice, stock_code, description, quantity, date, price, customer, country, column_count };

// Returns a field in quotes for a message, cut to a readable length.
std::string show(std::string_view text) {
  constexpr std::size_t shown_max = 40;
  return '"' + std::string(text.substr(0, shown_max)) + (text.size() > shown_max ? "...\"" : "\"");
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc{} || stop != end) return std::nullopt;
  return number;
}

bool is_date(std::string_view text) {
  constexpr std::string_view shape = "dddd-dd-dd dd:dd:dd";
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == 'd' ? !is_digit : text[i] != shape[i]) return false;
  }
  const auto number = [&](std::size_t begin, std::size_t digits) {
    return static_cast<int>(*parse_integer(text.substr(begin, digits)));
  };
  const std::chrono::year_month_day day{std::chrono::year(number(0, 4)),
                                        std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  return day.ok() && number(11, 2) < 24 && number(14, 2) < 60 && number(17, 2) < 60;
}

std::string customer_of(std::string_view text) {
  if (text.ends_with(".0")) text.remove_suffix(2);
  return text.empty() ? guest_customer : std::string(text);
}

// Returns what is wrong with the fields; fills `sale` on the way.
std::string fill(sale_line& sale, const std::vector<std::string>& fields) {
  if (fields.size() != column_count) {
    return std::to_string(fields.size()) + (fields.size() == 1 ? " field" : " fields") + " instead of 8";
  }
  if (fields[invoice].empty()) return "the invoice number is empty";
  if (fields[stock_code].empty()) return "the stock code is empty";
  if (fields[stock_code].size() > id_bytes_max) return "the stock code is longer than 512 bytes";
  if (fields[customer].size() > id_bytes_max) return "the customer id is longer than 512 bytes";

  const std::optional<std::int64_t> units = parse_integer(fields[quantity]);
  if (!units) return "the quantity " + show(fields[quantity]) + " is not an integer of 64 bits";
  if (*units == 0) return "the quantity is zero";
  if (*units > row_units_max || *units < -row_units_max) {
    return "the quantity " + show(fields[quantity]) + " is beyond " + std::to_string(row_units_max);
  }
  if (!is_date(fields[date])) return "the date " + show(fields[date]) + " is not a valid YYYY-MM-DD HH:MM:SS";
  const std::optional<std::int64_t> pence = parse_price_pence(fields[price]);
  if (!pence) return "the price " + show(fields[price]) + " is not a decimal number of pounds, zero or more";

  std::int64_t amount = 0;
  if (__builtin_mul_overflow(*units, *pence, &amount) || amount > row_pence_max || amount < -row_pence_max) {
    return "quantity times price is beyond " + std::to_string(row_pence_max) + " pence";
  }

  sale.invoice = fields[invoice];
  sale.stock_code = fields[stock_code];
  sale.description = fields[description];
  sale.quantity = *units;
  sale.price_pence = *pence;
  sale.date = fields[date];
  sale.customer = customer_of(fields[customer]);
  sale.country = fields[country];
  sale.is_return = sale.invoice.front() == 'C';
  return {};
}

}  // namespace

std::variant<sale_line, rejected_row> check_row(const csv_record& record) {
  if (!record.problem.empty()) return rejected_row{record.line, record.problem};
  sale_line sale;
  sale.line = record.line;
  const std::string problem = fill(sale, record.fields);
  if (!problem.empty()) return rejected_row{record.line, problem};
  return sale;
}

}  // namespace marketplace
