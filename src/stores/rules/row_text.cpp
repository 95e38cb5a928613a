#include "stores/rules/row_text.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include <nlohmann/json.hpp>

#include "base/hex.hpp"
#include "stores/rules/cell_content.hpp"

namespace troupe::internal {
namespace {

bool is_plain(std::string_view name) noexcept {
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

/// Appends `"name":"..."`, or `"name_hex":"..."` for a name that is not UTF-8, which JSON cannot hold.
void pack_name(std::string_view name, std::string& out) {
  if (is_plain(name)) {
    out.append("\"name\":\"").append(name).append("\"");
    return;
  }
  try {
    const std::string quoted = nlohmann::json(name).dump();
    out.append("\"name\":").append(quoted);
  } catch (const nlohmann::json::type_error&) {
    out.append("\"name_hex\":\"").append(to_hex(name)).append("\"");
  }
}

/// Returns what a JSON string stands for. Requires: `quoted` is JSON.
std::optional<std::string> unquote(std::string_view quoted) {
  if (quoted.empty() || quoted.front() != '"') return std::nullopt;
  if (quoted.find('\\') == std::string_view::npos) return std::string(quoted.substr(1, quoted.size() - 2));
  const auto value = nlohmann::json::parse(quoted, nullptr, /*allow_exceptions=*/false);
  if (!value.is_string()) return std::nullopt;
  return value.get<std::string>();
}

template <typename Integer>
bool read_integer(std::string_view text, Integer& out) noexcept {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failure == std::errc{} && end == text.data() + text.size();
}

[[noreturn]] void damaged(std::string_view column, std::string_view what) {
  throw damaged_column("column \"" + std::string(column) + "\" of table actor: " + std::string(what));
}

spi::reminder_image unpack_reminder(const std::vector<json_member>& members) {
  spi::reminder_image reminder;
  reminder.data = "null";
  bool has_due = false;
  for (const auto& [name, value] : members) {
    std::int64_t milliseconds = 0;
    if (name == "name" || name == "name_hex") {
      auto text = unquote(value);
      if (text && name == "name_hex") text = from_hex(*text);
      if (!text || text->empty()) damaged("reminders", "a name is not a string");
      reminder.name = *std::move(text);
    } else if (name == "due" || name == "period") {
      if (!read_integer(value, milliseconds)) damaged("reminders", "a time is not a whole number of milliseconds");
      has_due = has_due || name == "due";
      if (name == "due") reminder.due = wall_time(std::chrono::milliseconds(milliseconds));
      if (name == "period") reminder.period = std::chrono::milliseconds(milliseconds);
    } else if (name == "data") {
      reminder.data = value;
    } else if (name == "plan") {
      reminder.plan = value;
    } else {
      damaged("reminders", "a reminder has the unknown member \"" + std::string(name) + "\"");
    }
  }
  if (reminder.name.empty() || !has_due) damaged("reminders", "a reminder lacks its name or its due time");
  return reminder;
}

template <typename Images>
void sort_by_name(Images& images, std::string_view column) {
  const auto less = [](const auto& a, const auto& b) { return a.name < b.name; };
  if (!std::is_sorted(images.begin(), images.end(), less)) std::sort(images.begin(), images.end(), less);
  const auto same = [](const auto& a, const auto& b) { return a.name == b.name; };
  if (std::adjacent_find(images.begin(), images.end(), same) != images.end()) damaged(column, "a name repeats");
}

}  // namespace

void pack_cells(const std::vector<spi::cell_image>& cells, std::size_t large_cell_bytes, std::string& out) {
  char separator = '{';
  for (const spi::cell_image& cell : cells) {
    if (is_large(cell, large_cell_bytes)) continue;
    out += separator;
    out.append("\"").append(cell.name).append("\":").append(cell.json);
    separator = ',';
  }
  out += separator == '{' ? "{}" : "}";
}

void pack_large_names(const std::vector<spi::cell_image>& cells, std::size_t large_cell_bytes, std::string& out) {
  char separator = '[';
  for (const spi::cell_image& cell : cells) {
    if (!is_large(cell, large_cell_bytes)) continue;
    out += separator;
    out.append("\"").append(cell.name).append("\"");
    separator = ',';
  }
  if (separator == ',') out += ']';
}

void pack_logs(const std::vector<spi::log_changes>& logs, std::string& out) {
  char separator = '{';
  for (const spi::log_changes& log : logs) {
    out += separator;
    out.append("\"").append(log.head.name).append("\":[").append(std::to_string(log.head.first));
    out.append(",").append(std::to_string(log.head.next)).append("]");
    separator = ',';
  }
  if (separator == ',') out += '}';
}

std::vector<std::string> unpack_names(std::string_view text) {
  std::vector<std::string_view> elements;
  if (const auto fault = cut_json_array(text, elements)) damaged("apart", to_string(*fault));
  std::vector<std::string> names;
  for (const std::string_view element : elements) {
    auto name = unquote(element);
    if (!name) damaged("apart", "a name is not a string");
    names.push_back(*std::move(name));
  }
  return names;
}

void sort_cells(std::vector<spi::cell_image>& cells) { sort_by_name(cells, "state"); }

void pack_schemas(const std::vector<spi::cell_image>& cells, std::size_t large_cell_bytes, std::string& out) {
  char separator = '{';
  for (const spi::cell_image& cell : cells) {
    if (cell.schema == 1 || is_large(cell, large_cell_bytes)) continue;
    out += separator;
    out.append("\"").append(cell.name).append("\":").append(std::to_string(cell.schema));
    separator = ',';
  }
  if (separator == ',') out += '}';
}

void pack_reminders(const std::vector<spi::reminder_image>& reminders, std::string& out) {
  char separator = '[';
  for (const spi::reminder_image& reminder : reminders) {
    out += separator;
    out += '{';
    pack_name(reminder.name, out);
    out.append(",\"due\":").append(std::to_string(reminder.due.time_since_epoch().count()));
    out.append(",\"period\":").append(std::to_string(reminder.period.count()));
    out.append(",\"data\":").append(reminder.data);
    if (reminder.plan != "null") out.append(",\"plan\":").append(reminder.plan);
    out += '}';
    separator = ',';
  }
  if (separator == ',') out += ']';
}

std::vector<spi::cell_image> row_unpacker::cells(std::string_view state, std::string_view schemas) {
  if (const auto fault = cut_json_object(state, members_)) damaged("state", to_string(*fault));
  std::vector<spi::cell_image> cells;
  cells.reserve(members_.size());
  for (const auto& [name, value] : members_) {
    if (name.find('\\') != std::string_view::npos) damaged("state", "a cell name contains an escape");
    cells.push_back({.name = std::string(name), .schema = 1, .json = std::string(value)});
  }
  sort_by_name(cells, "state");
  if (schemas.empty()) return cells;
  if (const auto fault = cut_json_object(schemas, members_)) damaged("schema", to_string(*fault));
  for (const auto& [name, value] : members_) {
    std::uint32_t schema = 0;
    if (!read_integer(value, schema) || schema == 0) damaged("schema", "a version is not a whole number from 1");
    for (spi::cell_image& cell : cells) {
      if (cell.name == name) cell.schema = schema;
    }
  }
  return cells;
}

std::vector<spi::reminder_image> row_unpacker::reminders(std::string_view text) {
  std::vector<spi::reminder_image> reminders;
  if (text.empty()) return reminders;
  if (const auto fault = cut_json_array(text, elements_)) damaged("reminders", to_string(*fault));
  reminders.reserve(elements_.size());
  for (const std::string_view element : elements_) {
    if (const auto fault = cut_json_object(element, members_)) damaged("reminders", to_string(*fault));
    reminders.push_back(unpack_reminder(members_));
  }
  sort_by_name(reminders, "reminders");
  return reminders;
}

std::vector<spi::log_head> row_unpacker::logs(std::string_view text) {
  std::vector<spi::log_head> logs;
  if (text.empty()) return logs;
  if (const auto fault = cut_json_object(text, members_)) damaged("logs", to_string(*fault));
  for (const auto& [name, value] : members_) {
    spi::log_head head;
    head.name = name;
    const auto fault = cut_json_array(value, elements_);
    if (fault || elements_.size() != 2 || !read_integer(elements_[0], head.first) ||
        !read_integer(elements_[1], head.next) || head.first == 0 || head.next < head.first ||
        head.next > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      damaged("logs", "the bounds of a log are not two whole numbers from 1, in order");
    }
    logs.push_back(std::move(head));
  }
  sort_by_name(logs, "logs");
  return logs;
}

}  // namespace troupe::internal
