#include "reports/replay_report.hpp"

#include <nlohmann/json.hpp>

#include "invoices/price.hpp"
#include "reports/text.hpp"

namespace marketplace {

std::string to_json_text(const replay_report& report) {
  const replay_totals& totals = report.totals;
  const nlohmann::ordered_json json = {
      {"rows", totals.rows},
      {"accepted", totals.accepted},
      {"rejected", totals.rejected},
      {"sales", totals.sales},
      {"returns", totals.returns},
      {"buyers", totals.buyers.size()},
      {"sellers", totals.sellers.size()},
      {"units", totals.units},
      {"revenue_pence", totals.revenue_pence},
      {"turns", report.turns},
      {"seconds", report.seconds},
  };
  return json.dump(2) + "\n";
}

std::string to_text(const replay_report& report) {
  const replay_totals& totals = report.totals;
  std::string text;
  text += report_line("rows", format_count(totals.rows));
  text += report_line("  accepted", format_count(totals.accepted));
  text += report_line("  rejected", format_count(totals.rejected));
  text += report_line("sales", format_count(totals.sales));
  text += report_line("returns", format_count(totals.returns));
  text += report_line("buyers", format_count(static_cast<std::int64_t>(totals.buyers.size())));
  text += report_line("sellers", format_count(static_cast<std::int64_t>(totals.sellers.size())));
  text += report_line("units", format_count(totals.units));
  text += report_line("revenue", format_pounds(totals.revenue_pence) + " pounds");
  text += report_line("turns", pace(report.turns, report.seconds));
  if (!report.first_reject.empty()) text += report_line("first rejected", terminal_line(report.first_reject));
  return text;
}

}  // namespace marketplace
