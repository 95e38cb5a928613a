#include "reports/audit_report.hpp"

#include <algorithm>
#include <cstddef>
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
  }
  return sum;
}

// Keys that JSON cannot have are escaped, and those that look escaped as well, so that no two members share a name.
std::string member_name(const std::string& key) {
  return is_utf8(key) && key.find("\\x") == std::string::npos ? key : printable(key);
}

nlohmann::ordered_json to_json(const entries& all) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const auto& [key, entry] : all) json[member_name(key)] = {{"units", entry.units}, {"pence", entry.pence}};
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

}  // namespace

audit_entry audit_report::bought() const { return sum_of(by_buyer); }
audit_entry audit_report::sold() const { return sum_of(by_seller); }

bool audit_report::balances() const {
  const audit_entry in = bought();
  const audit_entry out = sold();
  return in.units == out.units && in.pence == out.pence;
}

std::string to_json_text(const audit_report& report) {
  const audit_entry sold = report.sold();
  const nlohmann::ordered_json json = {
      {"buyers", report.by_buyer.size()},
      {"sellers", report.by_seller.size()},
      {"units", sold.units},
      {"revenue_pence", sold.pence},
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
  text += largest_of(report.by_buyer, "largest buyers");
  text += largest_of(report.by_seller, "largest sellers");
  text += report.balances() ? "buyers and sellers agree\n" : difference_of(report);
  return text;
}

}  // namespace marketplace
