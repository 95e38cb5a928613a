#include "reports/negotiation_report.hpp"

#include <nlohmann/json.hpp>

#include "invoices/price.hpp"
#include "reports/text.hpp"

namespace marketplace {
namespace {

std::int64_t count_of(const negotiation_report& report, outcome ended) {
  const auto found = report.market.ended.find(to_string(ended));
  return found == report.market.ended.end() ? 0 : found->second;
}

}  // namespace

std::string to_json_text(const negotiation_report& report) {
  nlohmann::ordered_json ended;
  for (const outcome way : outcomes) ended[to_string(way)] = count_of(report, way);
  const nlohmann::ordered_json json = {
      {"buyers", report.buyers},
      {"sellers", report.sellers},
      {"rounds", report.rounds},
      {"seed", report.seed},
      {"negotiations", report.market.negotiations()},
      {"ended", ended},
      {"money_entered_pence", report.market.money_entered_pence},
      {"money_held_pence", report.market.money_held_pence},
      {"goods_entered", report.market.goods_entered},
      {"goods_held", report.market.goods_held},
      {"goods_reserved", report.market.goods_reserved},
      {"deals_open", report.market.deals_open},
      {"conserved", report.market.holds()},
      {"turns", report.turns},
      {"seconds", report.seconds},
  };
  return json.dump(2) + "\n";
}

std::string to_text(const negotiation_report& report) {
  std::string text;
  text += report_line("buyers", format_count(report.buyers));
  text += report_line("sellers", format_count(report.sellers));
  text += report_line("rounds", format_count(report.rounds));
  text += report_line("negotiations", format_count(report.market.negotiations()));
  for (const outcome way : outcomes) text += report_line("  " + to_string(way), format_count(count_of(report, way)));
  text += report_line("money entered", format_pounds(report.market.money_entered_pence) + " pounds");
  text += report_line("money held", format_pounds(report.market.money_held_pence) + " pounds");
  text += report_line("goods entered", format_count(report.market.goods_entered) + " units");
  text += report_line("goods held", format_count(report.market.goods_held) + " units");
  text += report_line("deals open", format_count(report.market.deals_open));
  text += report_line("turns", pace(report.turns, report.seconds));
  text += report.market.holds() ? "money and goods are conserved\n" : "MONEY OR GOODS ARE NOT CONSERVED\n";
  return text;
}

}  // namespace marketplace
