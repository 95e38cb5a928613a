#include "stores/postgres/sqlstate.hpp"

#include <algorithm>
#include <array>

namespace troupe::internal {
namespace {

/// Every code has a digit; the words for severities in front of it have none.
bool is_sqlstate(std::string_view text) noexcept {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() == 5 && std::any_of(text.begin(), text.end(), is_digit) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); });
}

struct advice {
  std::string_view prefix;
  std::string_view text;
};

constexpr std::array advices{
    advice{"28", "check user and password in the connection string, and the server's pg_hba.conf"},
    advice{"3D000", "create the database first (createdb), the store only creates a schema in it"},
    advice{"42501", "grant the right to this user; docs/guide/13-postgresql.md lists what is needed"},
    advice{"53100", "the server's disk is full: make room"},
    advice{"53300", "raise max_connections of the server, or lower troupe_connections"},
    advice{"57014", "it took longer than troupe_statement_timeout_ms"},
    advice{"55P03", "another transaction held a row for longer than troupe_lock_timeout_ms"},
    advice{"25006", "the server is a standby or read-only: connect to the primary (target_session_attrs=read-write)"},
    advice{"42P01", "a table of the format is missing or was changed"},
    advice{"42703", "a table of the format is missing or was changed"},
};

}  // namespace

pg_failure_kind kind_of_sqlstate(std::string_view sqlstate) noexcept {
  const std::string_view group = sqlstate.substr(0, 2);
  if (sqlstate == "40001" || sqlstate == "40P01") return pg_failure_kind::again;
  if (group == "08" || sqlstate == "57P01" || sqlstate == "57P02" || sqlstate == "57P03" || sqlstate == "57P05" ||
      sqlstate == "25P03") {
    return pg_failure_kind::lost;
  }
  if (sqlstate == "XX001" || sqlstate == "XX002") return pg_failure_kind::damaged;
  // Wrong data, broken constraints (of the user's own, too), limits of a row, and what a trigger raises.
  if (group == "21" || group == "22" || group == "23" || group == "44" || group == "54" || group == "P0" ||
      group == "XX" || group == "38" || group == "39" || group == "09") {
    return pg_failure_kind::of_record;
  }
  return pg_failure_kind::unavailable;
}

std::string advice_for(std::string_view sqlstate) {
  for (const advice& advice : advices) {
    if (sqlstate.starts_with(advice.prefix)) return "; " + std::string(advice.text);
  }
  return {};
}

std::string_view sqlstate_in(std::string_view verbose_message) noexcept {
  constexpr std::string_view behind_severity = ":  ";
  for (std::size_t at = verbose_message.find(behind_severity); at != std::string_view::npos;
       at = verbose_message.find(behind_severity, at + 1)) {
    const std::string_view candidate = verbose_message.substr(at + behind_severity.size(), 5);
    const std::size_t end = at + behind_severity.size() + 5;
    if (is_sqlstate(candidate) && verbose_message.substr(end, 1) == ":") return candidate;
  }
  return {};
}

std::string plain_message(std::string_view message) {
  const std::string_view sqlstate = sqlstate_in(message);
  std::string plain;
  while (!message.empty()) {
    std::string_view line = message.substr(0, message.find('\n'));
    message.remove_prefix(std::min(line.size() + 1, message.size()));
    if (line.find(".c:") != std::string_view::npos && line.find(", ") != std::string_view::npos) continue;
    if (!sqlstate.empty() && line.data() <= sqlstate.data() && sqlstate.data() < line.data() + line.size()) {
      // "connection to server ... failed: FATAL:  28P01: text" loses its middle.
      const std::string_view head = line.substr(0, static_cast<std::size_t>(sqlstate.data() - line.data()));
      const std::size_t severity = head.find_last_of(':');
      const std::size_t before = severity == std::string_view::npos ? severity : head.find_last_of(':', severity - 1);
      if (before != std::string_view::npos) plain.append(head.substr(0, before)).append(": ");
      line = line.substr(head.size() + sqlstate.size() + 1);
    }
    const std::size_t begin = line.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) continue;
    if (!plain.empty() && plain.back() != ' ') plain += "; ";
    plain.append(line.substr(begin));
  }
  return plain;
}

std::string describe(const pg_failure& failure) {
  std::string text = failure.what();
  if (!failure.sqlstate().empty()) text += " (SQLSTATE " + failure.sqlstate() + ")";
  return text + advice_for(failure.sqlstate());
}

}  // namespace troupe::internal
