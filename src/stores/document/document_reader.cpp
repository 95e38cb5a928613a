#include "stores/document/document_reader.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/json_members.hpp"
#include "stores/document/document_logs.hpp"
#include "stores/http/digest.hpp"

namespace troupe::internal {
namespace {

using nlohmann::json;

[[noreturn]] void damaged(std::string_view what, std::string_view fault) {
  throw damaged_document("member \"" + std::string(what) + "\": " + std::string(fault));
}

const json* find(const json& object, std::string_view name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string text_of(const json& value, std::string_view what) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object() && value.contains("base64") && value["base64"].is_string()) {
    if (auto bytes = from_base64(value["base64"].get_ref<const std::string&>())) return *std::move(bytes);
  }
  damaged(what, "it is no text");
}

/// Returns a text; empty: it is not there.
std::string text(const json& object, std::string_view name) {
  const json* value = find(object, name);
  return value == nullptr ? std::string() : text_of(*value, name);
}

/// Returns a text that is JSON; `missing` when it is not there.
std::string json_text(const json& object, std::string_view name, std::string_view missing = {}) {
  const json* value = find(object, name);
  if (value == nullptr && !missing.empty()) return std::string(missing);
  std::string text = value == nullptr ? std::string() : text_of(*value, name);
  if (const auto fault = check_json_value(text)) damaged(name, "it is not JSON: " + to_string(*fault));
  return text;
}

template <typename Integer>
std::optional<Integer> integer(const json& object, std::string_view name) {
  const json* value = find(object, name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) damaged(name, "it is no whole number in quotes");
  const auto& digits = value->get_ref<const std::string&>();
  Integer number{};
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (failure != std::errc{} || end != digits.data() + digits.size()) damaged(name, "it is no whole number in range");
  return number;
}

template <typename Integer>
Integer needed(const json& object, std::string_view name) {
  const auto number = integer<Integer>(object, name);
  if (!number) damaged(name, "it is missing");
  return *number;
}

wall_time time(const json& object, std::string_view name) {
  return wall_time(std::chrono::milliseconds(needed<std::int64_t>(object, name)));
}

spi::commit_stamp stamp(const json& object) {
  const spi::commit_stamp stamp{needed<std::uint64_t>(object, "version"), needed<std::uint64_t>(object, "writer")};
  if (stamp.version == 0) damaged("version", "it is 0");
  return stamp;
}

actor_id party(const json& object, const std::string& role) {
  return {text(object, role + "_type"), text(object, role + "_key")};
}

/// Reads a list of maps; a missing one is empty.
template <typename Read>
auto list(const json& object, std::string_view name, Read read) {
  std::vector<std::invoke_result_t<Read, const json&>> images;
  const json* value = find(object, name);
  if (value == nullptr) return images;
  if (!value->is_array()) damaged(name, "it is no list");
  images.reserve(value->size());
  for (const json& element : *value) {
    if (!element.is_object()) damaged(name, "an element is no map");
    try {
      images.push_back(read(element));
    } catch (const damaged_document& fault) {
      damaged(name, fault.what());
    }
  }
  return images;
}

/// What breaks a rule is refused here: later it would reach other actors, or spoil every commit of its own.
template <typename Image>
Image checked(Image image) {
  if (const auto flaw = flaw_in(image)) throw damaged_document(*flaw);
  return image;
}

std::string arguments(const json& object) {
  std::string text = json_text(object, "arguments");
  if (!text.starts_with('[')) damaged("arguments", "they are no JSON array");
  return text;
}

template <typename Images, typename Less>
void sort_unique(Images& images, std::string_view name, Less less) {
  if (!std::is_sorted(images.begin(), images.end(), less)) std::sort(images.begin(), images.end(), less);
  const auto same = [&](const auto& a, const auto& b) { return !less(a, b) && !less(b, a); };
  if (std::adjacent_find(images.begin(), images.end(), same) != images.end()) damaged(name, "a name repeats");
}

std::vector<spi::cell_image> cells(const json& object) {
  std::vector<spi::cell_image> images;
  const json* value = find(object, "cells");
  if (value == nullptr) damaged("cells", "it is missing");
  if (!value->is_object()) damaged("cells", "it is no map");
  for (const auto& [name, cell] : value->items()) {
    if (!cell.is_object()) damaged("cells", "a cell is no map");
    const auto schema = integer<std::uint32_t>(cell, "schema");
    if (schema && *schema == 0) damaged("schema", "it is 0");
    images.push_back({.name = name, .schema = schema.value_or(1), .json = json_text(cell, "json"), .kept = true});
  }
  sort_unique(images, "cells", [](const auto& a, const auto& b) { return a.name < b.name; });
  return images;
}

spi::reminder_image reminder(const json& object) {
  spi::reminder_image image;
  image.name = text(object, "name");
  if (image.name.empty()) damaged("name", "it is missing");
  image.due = time(object, "due");
  image.period = std::chrono::milliseconds(integer<std::int64_t>(object, "period").value_or(0));
  image.data = json_text(object, "data", "null");
  image.plan = json_text(object, "plan", "null");
  return image;
}

spi::message_image message(const json& object) {
  spi::message_image image;
  image.sequence = needed<std::uint64_t>(object, "sequence");
  image.to = party(object, "to");
  image.method = text(object, "method");
  image.arguments = arguments(object);
  image.sent = time(object, "sent");
  image.attempts = needed<std::uint32_t>(object, "attempts");
  image.not_before = time(object, "not_before");
  return checked(std::move(image));
}

spi::letter_image letter(const json& object) {
  spi::letter_image image;
  image.id = needed<std::uint64_t>(object, "id");
  image.from = party(object, "from");
  image.to = party(object, "to");
  image.method = text(object, "method");
  image.arguments = arguments(object);
  image.error = text(object, "error");
  image.attempts = needed<std::uint32_t>(object, "attempts");
  image.sent = time(object, "sent");
  image.died = time(object, "died");
  return checked(std::move(image));
}

std::optional<wall_time> optional_time(const json& object, std::string_view name) {
  const auto milliseconds = integer<std::int64_t>(object, name);
  if (!milliseconds) return std::nullopt;
  return wall_time(std::chrono::milliseconds(*milliseconds));
}

std::vector<spi::log_entry_image> entries_of(const json& object) {
  return list(object, "entries", [](const json& entry) {
    return spi::log_entry_image{0, time(entry, "at"), json_text(entry, "json")};
  });
}

/// Reads which chunks a log has; they must end where the entries in the document begin.
void read_sealed(const json& object, const spi::log_head& head, std::uint64_t end, document& held) {
  const auto first = integer<std::uint64_t>(object, "sealed_first");
  if (!first) return;
  auto lengths = unpack_lengths(text(object, "sealed"));
  if (!lengths || lengths->empty()) damaged("sealed", "it is no list of lengths");
  std::uint64_t behind = *first;
  for (const std::uint32_t length : *lengths) behind += length;
  if (behind != end) damaged("sealed", "the chunks do not reach to the entries");
  held.sealed[head.name] = {*first, *std::move(lengths)};
}

/// The entries are those at the end of the log.
void read_logs(const json& object, document& held) {
  kept_actor& actor = held.actor;
  if (const json* life = find(object, "life")) {
    if (!life->is_object()) damaged("life", "it is no map");
    held.life = stamp(*life);
  }
  actor.image.logs = list(object, "logs", [&](const json& element) {
    spi::log_head head{text(element, "name"), needed<std::uint64_t>(element, "first"),
                       needed<std::uint64_t>(element, "next")};
    auto entries = entries_of(element);
    if (head.first == 0 || head.next < head.first || entries.size() > head.next - head.first) {
      damaged("next", "the bounds are impossible");
    }
    auto& kept = actor.logs[head.name];
    std::uint64_t sequence = head.next - entries.size();
    read_sealed(element, head, sequence, held);
    for (spi::log_entry_image& entry : entries) {
      entry.sequence = sequence;
      kept.emplace(sequence++, std::move(entry));
    }
    return head;
  });
  sort_unique(actor.image.logs, "logs", [](const auto& a, const auto& b) { return a.name < b.name; });
  if (!actor.image.logs.empty() && held.life.version == 0) damaged("life", "it is missing");
}

void read_items(const json& object, kept_actor& actor) {
  actor.image.items_expire = optional_time(object, "items_expire");
  const auto items = list(object, "items", [](const json& element) {
    return spi::item_image{text(element, "key"), json_text(element, "json"), needed<std::uint64_t>(element, "version"),
                           optional_time(element, "expires")};
  });
  for (const spi::item_image& item : items) {
    if (!actor.items.emplace(item.key, item).second) damaged("items", "a key repeats");
  }
}

void read_content(const json& object, document& held) {
  kept_actor& actor = held.actor;
  spi::actor_image& image = actor.image;
  actor.due = optional_time(object, "due");
  image.cells = cells(object);
  image.reminders = list(object, "reminders", reminder);
  sort_unique(image.reminders, "reminders", [](const auto& a, const auto& b) { return a.name < b.name; });
  image.requests = list(object, "requests", [](const json& element) {
    return spi::request_image{text(element, "key"), json_text(element, "reply"), time(element, "at")};
  });
  image.stream = integer<std::uint64_t>(object, "stream").value_or(0);
  image.messages = list(object, "messages", message);
  sort_unique(image.messages, "messages", [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
  image.marks = list(object, "marks", [](const json& element) {
    return checked(spi::mark_image{party(element, "from"), needed<std::uint64_t>(element, "stream"),
                                   needed<std::uint64_t>(element, "sequence"), time(element, "at")});
  });
  sort_unique(image.marks, "marks", [](const auto& a, const auto& b) { return a.from < b.from; });
  image.letters = list(object, "letters", letter);
  sort_unique(image.letters, "letters", [](const auto& a, const auto& b) { return a.id < b.id; });
  read_logs(object, held);
  read_items(object, actor);
}

}  // namespace

read_document_result read_document(const json& object, actor_id actor) {
  if (!object.is_object()) throw damaged_document("it is no map");
  read_document_result result;
  document& head = result.content;
  head.actor.image.actor = std::move(actor);
  head.actor.image.stamp = stamp(object);
  head.actor.image.epoch = integer<std::uint64_t>(object, "epoch").value_or(0);
  head.erasures = list(object, "erasures", stamp);
  head.erased = find(object, "erased") != nullptr;
  if (head.erased) return result;
  document whole = head;
  try {
    read_content(object, whole);
    head = std::move(whole);
  } catch (const damaged_document& fault) {
    result.damage = fault.what();
  }
  return result;
}

std::vector<spi::log_entry_image> read_entries(const json& object, std::uint64_t first) {
  if (!object.is_object()) throw damaged_document("it is no map");
  auto entries = entries_of(object);
  for (spi::log_entry_image& entry : entries) entry.sequence = first++;
  return entries;
}

}  // namespace troupe::internal
