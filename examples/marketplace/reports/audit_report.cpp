#include "reports/audit_report.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "invoices/checked_sum.hpp"
#include "invoices/price.hpp"
#include "reports/text.hpp"

namespace marketplace {
namespace {

using entries = std::map<std::string, audit_entry>;

audit_entry sum_of(const entries& all) {
  audit_entry sum;
  for (const auto& [key, entry] : all) {
    sum.units = checked_sum(sum.units, entry.units);
    sum.pence = checked_sum(sum.pence, entry.pence);
    sum.trades += entry.trades;
  }
  return sum;
}

nlohmann::ordered_json to_json(const entries& all) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const auto& [key, entry] : all)
    json[json_text(key)] = {{"units", entry.units}, {"pence", entry.pence}, {"trades", entry.trades}};
  return json;
}

std::string describe(const audit_entry& entry) {
  return format_count(entry.units) + " units, " + format_pounds(entry.pence) + " pounds";
}

std::string largest_of(const entries& all, const std::string& title) {
  constexpr std::size_t shown_max = 5;
  std::vector<std::pair<std::string, audit_entry>> sorted(all.begin(), all.end());
  const std::size_t shown = std::min(shown_max, sorted.size());
  std::partial_sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(shown), sorted.end(),
                    [](const auto& a, const auto& b) { return a.second.pence > b.second.pence; });
  std::string text = title + "\n";
  for (std::size_t i = 0; i < shown; ++i)
    text += report_line("  " + printable(sorted[i].first), describe(sorted[i].second));
  return text;
}

std::string difference_of(const audit_report& report) {
  const audit_entry in = report.bought();
  const audit_entry out = report.sold();
  const audit_entry more{checked_difference(out.units, in.units), checked_difference(out.pence, in.pence)};
  return "BUYERS AND SELLERS DO NOT AGREE\n" + report_line("sold - bought", describe(more)) +
         "A replay or a negotiation may be under way, or was cut off: finish it, or run the same command again, and "
         "audit once more\n";
}

std::string trouble_of_histories(const audit_report& report) {
  constexpr std::size_t shown_max = 5;
  std::string text = "HISTORIES AND ACCOUNTS DO NOT AGREE\n";
  if (report.wrong_histories.empty()) {
    text += "buyers and sellers tell of different trades; a run may be under way, or was cut off\n";
  }
  const std::size_t shown = std::min(shown_max, report.wrong_histories.size());
  for (std::size_t i = 0; i < shown; ++i) {
    text += "the history of " + printable(report.wrong_histories[i]) + " does not add up to its account\n";
  }
  if (report.wrong_histories.size() > shown) {
    text += "and " + std::to_string(report.wrong_histories.size() - shown) + " more\n";
  }
  return text;
}

}  // namespace

void history_sum::add(const trade& made, const std::string& buyer, const std::string& seller) {
  sum_.units = checked_sum(sum_.units, made.units);
  sum_.pence = checked_sum(sum_.pence, made.pence);
  ++sum_.trades;
  const nlohmann::json both{made.deal, buyer, seller, made.date, made.units, made.pence};
  mark_ += std::hash<std::string>()(both.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

bool history_sum::explains(const account& held) const {
  return checked_sum(held.units_before, sum_.units) == held.units &&
         checked_sum(held.pence_before, sum_.pence) == held.pence;
}

void audit_report::add_buyer(const std::string& key, const account& held, const history_sum& history) {
  by_buyer[key] = {held.units, held.pence, history.trades()};
  if (!history.explains(held)) wrong_histories.push_back("buyer/" + key);
  has_whole_histories = has_whole_histories && held.has_whole_history;
  mark_of_buyers += history.mark();
}

void audit_report::add_seller(const std::string& key, const account& held, const history_sum& history) {
  by_seller[key] = {held.units, held.pence, history.trades()};
  if (!history.explains(held)) wrong_histories.push_back("seller/" + key);
  has_whole_histories = has_whole_histories && held.has_whole_history;
  mark_of_sellers += history.mark();
}

audit_entry audit_report::bought() const { return sum_of(by_buyer); }
audit_entry audit_report::sold() const { return sum_of(by_seller); }

bool audit_report::balances() const {
  const audit_entry in = bought();
  const audit_entry out = sold();
  return in.units == out.units && in.pence == out.pence;
}

bool audit_report::histories_agree() const {
  const bool tell_the_same = mark_of_buyers == mark_of_sellers && bought().trades == sold().trades;
  return wrong_histories.empty() && (tell_the_same || !has_whole_histories || !balances());
}

std::string to_json_text(const audit_report& report) {
  const audit_entry sold = report.sold();
  const nlohmann::ordered_json json = {
      {"buyers", report.by_buyer.size()},
      {"sellers", report.by_seller.size()},
      {"units", sold.units},
      {"revenue_pence", sold.pence},
      {"trades", sold.trades},
      {"histories_agree", report.histories_agree()},
      {"by_buyer", to_json(report.by_buyer)},
      {"by_seller", to_json(report.by_seller)},
  };
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string to_text(const audit_report& report) {
  std::string text;
  text += report_line("buyers", format_count(static_cast<std::int64_t>(report.by_buyer.size())));
  text += report_line("sellers", format_count(static_cast<std::int64_t>(report.by_seller.size())));
  text += report_line("bought", describe(report.bought()));
  text += report_line("sold", describe(report.sold()));
  text += report_line("trades", format_count(report.sold().trades));
  text += largest_of(report.by_buyer, "largest buyers");
  text += largest_of(report.by_seller, "largest sellers");
  text += report.balances() ? "buyers and sellers agree\n" : difference_of(report);
  text += report.histories_agree() ? "histories and accounts agree\n" : trouble_of_histories(report);
  return text;
}

}  // namespace marketplace
