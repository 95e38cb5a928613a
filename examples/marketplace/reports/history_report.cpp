#include "reports/history_report.hpp"

#include <cstdio>

#include <nlohmann/json.hpp>

#include "invoices/price.hpp"
#include "reports/text.hpp"

namespace marketplace {
namespace {

nlohmann::ordered_json to_json(const history_entry& entry) {
  return {{"number", entry.number},   {"booked", time_text(entry.booked)}, {"deal", entry.made.deal},
          {"with", entry.made.with},  {"date", entry.made.date},           {"units", entry.made.units},
          {"pence", entry.made.pence}};
}

std::string describe(std::int64_t units, std::int64_t pence) {
  return format_count(units) + " units, " + format_pounds(pence) + " pounds";
}

// Numbers stand below each other; texts, which may be of any length, come behind them.
std::string to_text(const history_entry& entry) {
  char numbers[96];
  std::snprintf(numbers, sizeof(numbers), "%8llu %10s units %14s pounds  ",
                static_cast<unsigned long long>(entry.number), format_count(entry.made.units).c_str(),
                format_pounds(entry.made.pence).c_str());
  const std::string date = entry.made.date.empty() ? std::string() : entry.made.date + "  ";
  return numbers + terminal_line(date + entry.made.with + "  " + entry.made.deal) + "\n";
}

}  // namespace

std::uint64_t history_report::older() const noexcept {
  return entries.empty() || entries.back().number <= first ? 0 : entries.back().number - 1;
}

std::string to_json_text(const history_report& report) {
  nlohmann::ordered_json shown = nlohmann::ordered_json::array();
  for (const history_entry& entry : report.entries) shown.push_back(to_json(entry));
  nlohmann::ordered_json json = {
      {"side", report.side},
      {"key", json_text(report.key)},
      {"units", report.held.units},
      {"pence", report.held.pence},
      {"trades", report.next - report.first},
      {"units_before", report.held.units_before},
      {"pence_before", report.held.pence_before},
      {"entries", shown},
      {"older", nullptr},
  };
  if (report.older() != 0) json["older"] = report.older();
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string to_text(const history_report& report) {
  std::string text;
  text += report_line(report.side, printable(report.key));
  text += report_line(report.side == "buyer" ? "bought" : "sold", describe(report.held.units, report.held.pence));
  text += report_line("trades", format_count(static_cast<std::int64_t>(report.next - report.first)));
  if (!report.held.has_whole_history) {
    text += report_line("before those", describe(report.held.units_before, report.held.pence_before));
  }
  for (const history_entry& entry : report.entries) text += to_text(entry);
  if (report.older() != 0) text += "older ones: --from " + std::to_string(report.older()) + "\n";
  return text;
}

}  // namespace marketplace
