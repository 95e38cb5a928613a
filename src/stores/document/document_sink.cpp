#include "stores/document/document_sink.hpp"

#include <iterator>

#include "stores/document/document_logs.hpp"
#include "stores/document/document_names.hpp"
#include "stores/http/digest.hpp"

namespace troupe::internal {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

void member(document_sink& sink, std::string_view name, std::string_view bytes) {
  if (bytes.empty()) return;
  sink.name(name);
  sink.text(bytes);
}

void number(document_sink& sink, std::string_view name, auto value) {
  sink.name(name);
  sink.number(value);
}

void write_cells(const std::vector<spi::cell_image>& cells, document_sink& sink) {
  sink.name("cells");
  sink.begin_map();
  for (const spi::cell_image& cell : cells) {
    sink.name(cell.name);
    sink.begin_map();
    if (cell.schema != 1) number(sink, "schema", cell.schema);
    member(sink, "json", cell.json);
    sink.end_map();
  }
  sink.end_map();
}

/// Writes a list of maps; nothing for an empty one.
void write_list(std::string_view name, const auto& images, document_sink& sink, auto write) {
  if (std::empty(images)) return;
  sink.name(name);
  sink.begin_list();
  for (const auto& image : images) {
    sink.begin_map();
    write(image);
    sink.end_map();
  }
  sink.end_list();
}

void write_stamp(const spi::commit_stamp& stamp, document_sink& sink) {
  number(sink, "version", stamp.version);
  number(sink, "writer", stamp.writer);
}

void write_party(std::string_view role, const actor_id& actor, document_sink& sink) {
  member(sink, std::string(role) + "_type", actor.type);
  member(sink, std::string(role) + "_key", actor.key);
}

void write_entry(const spi::log_entry_image& entry, document_sink& sink) {
  number(sink, "at", entry.at);
  member(sink, "json", entry.json);
}

void write_logs(const document& held, document_sink& sink) {
  const kept_actor& actor = held.actor;
  if (held.life.version != 0) {
    sink.name("life");
    sink.begin_map();
    write_stamp(held.life, sink);
    sink.end_map();
  }
  write_list("logs", actor.image.logs, sink, [&](const spi::log_head& head) {
    member(sink, "name", head.name);
    number(sink, "first", head.first);
    number(sink, "next", head.next);
    if (const auto sealed = held.sealed.find(head.name); sealed != held.sealed.end()) {
      number(sink, "sealed_first", sealed->second.first);
      member(sink, "sealed", pack_lengths(sealed->second.lengths));
    }
    const auto log = actor.logs.find(head.name);
    if (log == actor.logs.end()) return;
    write_list("entries", log->second, sink, [&](const auto& entry) { write_entry(entry.second, sink); });
  });
}

void write_items(const kept_actor& actor, document_sink& sink) {
  if (actor.image.items_expire) number(sink, "items_expire", *actor.image.items_expire);
  write_list("items", actor.items, sink, [&](const auto& each) {
    const spi::item_image& item = each.second;
    member(sink, "key", item.key);
    member(sink, "json", item.json);
    number(sink, "version", item.version);
    if (item.expires) number(sink, "expires", *item.expires);
  });
}

void write_content(const document& held, document_sink& sink) {
  const kept_actor& actor = held.actor;
  const spi::actor_image& image = actor.image;
  write_cells(image.cells, sink);
  write_list("reminders", image.reminders, sink, [&](const spi::reminder_image& reminder) {
    member(sink, "name", reminder.name);
    number(sink, "due", reminder.due);
    if (reminder.period.count() != 0) number(sink, "period", std::int64_t{reminder.period.count()});
    if (reminder.data != "null") member(sink, "data", reminder.data);
    if (reminder.plan != "null") member(sink, "plan", reminder.plan);
  });
  write_list("requests", image.requests, sink, [&](const spi::request_image& request) {
    member(sink, "key", request.key);
    member(sink, "reply", request.reply);
    number(sink, "at", request.at);
  });
  if (image.stream != 0) number(sink, "stream", image.stream);
  write_list("messages", image.messages, sink, [&](const spi::message_image& message) {
    number(sink, "sequence", message.sequence);
    write_party("to", message.to, sink);
    member(sink, "method", message.method);
    member(sink, "arguments", message.arguments);
    number(sink, "sent", message.sent);
    number(sink, "attempts", message.attempts);
    number(sink, "not_before", message.not_before);
  });
  write_list("marks", image.marks, sink, [&](const spi::mark_image& mark) {
    write_party("from", mark.from, sink);
    number(sink, "stream", mark.stream);
    number(sink, "sequence", mark.sequence);
    number(sink, "at", mark.at);
  });
  write_list("letters", image.letters, sink, [&](const spi::letter_image& letter) {
    number(sink, "id", letter.id);
    write_party("from", letter.from, sink);
    write_party("to", letter.to, sink);
    member(sink, "method", letter.method);
    member(sink, "arguments", letter.arguments);
    member(sink, "error", letter.error);
    number(sink, "attempts", letter.attempts);
    number(sink, "sent", letter.sent);
    number(sink, "died", letter.died);
  });
  write_logs(held, sink);
  write_items(actor, sink);
}

}  // namespace

void write_document(const document& held, document_sink& sink) {
  write_stamp(held.actor.image.stamp, sink);
  if (held.actor.image.epoch != 0) number(sink, "epoch", held.actor.image.epoch);
  if (held.actor.due) number(sink, "due", *held.actor.due);
  write_list("erasures", held.erasures, sink, [&](const spi::commit_stamp& stamp) { write_stamp(stamp, sink); });
  if (held.erased) {
    sink.name("erased");
    sink.flag();
  } else {
    write_content(held, sink);
  }
}

void write_entries(const std::vector<spi::log_entry_image>& entries, document_sink& sink) {
  write_list("entries", entries, sink, [&](const spi::log_entry_image& entry) { write_entry(entry, sink); });
}

void append_json_string(std::string_view utf8, std::string& out) {
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) continue;
    out.append(utf8.substr(plain, i - plain));
    plain = i + 1;
    if (c == '"' || c == '\\') {
      out += '\\';
      out += utf8[i];
    } else {
      out.append("\\u00");
      out += hex_digits[c >> 4U];
      out += hex_digits[c & 0xfU];
    }
  }
  out.append(utf8.substr(plain));
  out += '"';
}

void json_sink::separate() {
  if (!out_.empty() && out_.back() != '{' && out_.back() != '[' && out_.back() != ':') out_ += ',';
}

void json_sink::begin_map() {
  separate();
  out_ += '{';
}

void json_sink::end_map() { out_ += '}'; }

void json_sink::begin_list() {
  separate();
  out_ += '[';
}

void json_sink::end_list() { out_ += ']'; }

void json_sink::name(std::string_view name) {
  separate();
  out_ += '"';
  out_.append(name).append("\":");
}

void json_sink::text(std::string_view bytes) {
  separate();
  if (is_utf8(bytes)) {
    append_json_string(bytes, out_);
  } else {
    out_.append(R"({"base64":")").append(to_base64(bytes)).append("\"}");
  }
}

void json_sink::number(std::string_view digits) {
  separate();
  out_ += '"';
  out_.append(digits).append("\"");
}

void json_sink::flag() { raw("true"); }

void json_sink::raw(std::string_view json) {
  separate();
  out_.append(json);
}

}  // namespace troupe::internal
