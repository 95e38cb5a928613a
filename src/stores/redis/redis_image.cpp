#include "stores/redis/redis_image.hpp"

#include <algorithm>

#include "base/json_members.hpp"
#include "stores/redis/redis_packing.hpp"
#include "stores/rules/cell_content.hpp"
#include "stores/rules/commit_rules.hpp"
#include "stores/rules/row_times.hpp"

namespace troupe::internal {
namespace {

[[noreturn]] void damaged(std::string_view field, const std::string& what) {
  throw damaged_field("field " + to_display({}, field).substr(1) + ": " + what);
}

void check_json(std::string_view field, std::string_view json) {
  if (const auto fault = check_json_value(json)) damaged(field, "the value is not JSON: " + to_string(*fault));
}

template <typename Number>
Number whole_number(std::string_view field, std::string_view text) {
  Number number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) damaged(field, "it is no number");
  return number;
}

/// The reply of a request, and what orders it among the others.
struct ordered_request {
  std::uint64_t version = 0;
  std::uint64_t nth = 0;
  spi::request_image request;
};

/// Reads the fields of one hash into an image.
class field_reader {
 public:
  field_reader(spi::actor_image& image, redis_detail detail) : image_(image), detail_(detail) {}

  void read(std::string_view field, std::string_view value) {
    if (field.starts_with("c:")) {
      read_cell(field, value);
    } else if (field == "head") {
      read_stamp(field, value);
    } else if (field == "reminders") {
      read_reminders(field, value);
    } else if (field == "plans") {
      read_plans(field, value);
    } else if (field == "stream" || field.starts_with("q:") || field.starts_with("m:") || field.starts_with("k:") ||
               field.starts_with("l:") || field == "logs" || field == "expire") {
      if (detail_ == redis_detail::all) read_unlisted(field, value);
    } else {
      damaged(field, "this format has no such field");
    }
  }

  /// Puts everything in its order, and checks what only the whole can tell.
  void finish();

 private:
  void read_stamp(std::string_view field, std::string_view value) {
    auto head = read_head(value);
    if (!head) damaged(field, "it is no stamp, epoch and names of cells");
    image_.stamp = head->stamp;
    image_.epoch = head->epoch;
    cells_ = std::move(head->cells);
  }

  void read_cell(std::string_view field, std::string_view value);
  void read_reminders(std::string_view field, std::string_view value);
  void read_plans(std::string_view field, std::string_view value);
  void read_unlisted(std::string_view field, std::string_view value);
  void read_logs(std::string_view field, std::string_view value);
  void read_request(std::string_view field, std::string_view value);
  void read_message(std::string_view field, std::string_view value);
  void read_mark(std::string_view field, std::string_view value);
  void read_letter(std::string_view field, std::string_view value);

  /// What somebody else wrote must not reach a handler as something else than an array.
  static void check_arguments(std::string_view field, std::string_view json) {
    if (!json.starts_with('[')) damaged(field, "the arguments are no JSON array");
    check_json(field, json);
  }

  static std::uint64_t number_of(std::string_view field) { return whole_number<std::uint64_t>(field, field.substr(2)); }

  spi::actor_image& image_;
  const redis_detail detail_;
  std::vector<std::string> cells_;
  std::vector<ordered_request> requests_;
  std::vector<std::pair<std::string, std::string>> plans_;  // of reminders, by name
};

void field_reader::read_cell(std::string_view field, std::string_view value) {
  spi::cell_image cell{std::string(field.substr(2)), 1, {}, /*kept=*/true};
  std::optional<std::string> decoded;
  if (value.starts_with('@') || value.starts_with('#')) {
    packed_reader reader(value.substr(1));
    if (!reader.take(cell.schema) || cell.schema == 0) damaged(field, "there is no schema version");
    std::uint64_t coding = 0;
    if (value.front() == '#') {
      if (reader.take(coding)) decoded = decode_cell(coding, reader.rest(), decoded_cell_bytes_max);
      if (!decoded) damaged(field, "the content is not what its coding says");
    }
    value = reader.rest();
  }
  cell.json = decoded ? *std::move(decoded) : std::string(value);
  check_json(field, cell.json);
  image_.cells.push_back(std::move(cell));
}

void field_reader::read_reminders(std::string_view field, std::string_view value) {
  packed_reader reader(value);
  while (!reader.rest().empty()) {
    spi::reminder_image reminder;
    std::int64_t due = 0;
    std::int64_t period = 0;
    if (!reader.take(reminder.name) || !reader.take(due) || !reader.take(period) || !reader.take(reminder.data) ||
        reminder.name.empty()) {
      damaged(field, "reminder " + std::to_string(image_.reminders.size() + 1) + " is cut short");
    }
    check_json(field, reminder.data);
    reminder.due = time_of(due);
    reminder.period = std::chrono::milliseconds(period);
    image_.reminders.push_back(std::move(reminder));
  }
}

void field_reader::read_plans(std::string_view field, std::string_view value) {
  packed_reader reader(value);
  while (!reader.rest().empty()) {
    std::string name;
    std::string plan;
    if (!reader.take(name) || !reader.take(plan)) damaged(field, "a plan is cut short");
    check_json(field, plan);
    plans_.emplace_back(std::move(name), std::move(plan));
  }
}

void field_reader::read_unlisted(std::string_view field, std::string_view value) {
  if (field.starts_with("q:")) {
    read_request(field, value);
  } else if (field.starts_with("m:")) {
    read_message(field, value);
  } else if (field.starts_with("k:")) {
    read_mark(field, value);
  } else if (field.starts_with("l:")) {
    read_letter(field, value);
  } else if (field == "logs") {
    read_logs(field, value);
  } else if (field == "expire") {
    image_.items_expire = time_of(whole_number<std::int64_t>(field, value));
  } else {
    image_.stream = whole_number<std::uint64_t>(field, value);
  }
}

void field_reader::read_logs(std::string_view field, std::string_view value) {
  while (!value.empty()) {
    spi::log_head head;
    head.name = value.substr(0, value.find(' '));
    packed_reader reader(value.substr(std::min(head.name.size() + 1, value.size())));
    if (head.name.empty() || !reader.take(head.first) || !reader.take(head.next) || head.first == 0 ||
        head.next < head.first) {
      damaged(field, "log " + std::to_string(image_.logs.size() + 1) + " is not what the format says");
    }
    value = reader.rest();
    image_.logs.push_back(std::move(head));
  }
}

void field_reader::read_request(std::string_view field, std::string_view value) {
  ordered_request read;
  std::int64_t at = 0;
  packed_reader reader(value);
  if (!reader.take(at) || !reader.take(read.version) || !reader.take(read.nth)) damaged(field, "a number is missing");
  check_json(field, reader.rest());
  read.request = {std::string(field.substr(2)), std::string(reader.rest()), time_of(at)};
  requests_.push_back(std::move(read));
}

void field_reader::read_message(std::string_view field, std::string_view value) {
  spi::message_image message;
  std::int64_t sent = 0;
  std::int64_t not_before = 0;
  packed_reader reader(value);
  message.sequence = number_of(field);
  if (!reader.take(message.to.type) || !reader.take(message.to.key) || !reader.take(message.method) ||
      !reader.take(sent) || !reader.take(message.attempts) || !reader.take(not_before)) {
    damaged(field, "the message is cut short");
  }
  if (const auto flaw = flaw_in(message)) damaged(field, *flaw);
  check_arguments(field, reader.rest());
  message.arguments = reader.rest();
  message.sent = time_of(sent);
  message.not_before = time_of(not_before);
  image_.messages.push_back(std::move(message));
}

void field_reader::read_mark(std::string_view field, std::string_view value) {
  spi::mark_image mark;
  std::int64_t at = 0;
  packed_reader reader(value);
  const auto slash = field.find('/');
  if (slash == std::string_view::npos) damaged(field, "its name has no sender");
  mark.from = {std::string(field.substr(2, slash - 2)), std::string(field.substr(slash + 1))};
  if (!reader.take(mark.stream) || !reader.take(mark.sequence) || !reader.take(at)) damaged(field, "it is cut short");
  if (const auto flaw = flaw_in(mark)) damaged(field, *flaw);
  mark.at = time_of(at);
  image_.marks.push_back(std::move(mark));
}

void field_reader::read_letter(std::string_view field, std::string_view value) {
  spi::letter_image letter;
  std::int64_t sent = 0;
  std::int64_t died = 0;
  packed_reader reader(value);
  letter.id = number_of(field);
  if (!reader.take(letter.from.type) || !reader.take(letter.from.key) || !reader.take(letter.to.type) ||
      !reader.take(letter.to.key) || !reader.take(letter.method) || !reader.take(letter.error) ||
      !reader.take(letter.attempts) || !reader.take(sent) || !reader.take(died)) {
    damaged(field, "the dead letter is cut short");
  }
  if (const auto flaw = flaw_in(letter)) damaged(field, *flaw);
  check_arguments(field, reader.rest());
  letter.arguments = reader.rest();
  letter.sent = time_of(sent);
  letter.died = time_of(died);
  image_.letters.push_back(std::move(letter));
}

void field_reader::finish() {
  if (image_.stamp.version == 0) damaged("head", "it is missing");
  const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
  std::sort(image_.cells.begin(), image_.cells.end(), by_name);
  std::sort(cells_.begin(), cells_.end());
  const auto same = [](const spi::cell_image& cell, const std::string& name) { return cell.name == name; };
  if (!std::equal(image_.cells.begin(), image_.cells.end(), cells_.begin(), cells_.end(), same)) {
    damaged("head", "it names other cells than there are");
  }
  std::sort(image_.reminders.begin(), image_.reminders.end(), by_name);
  for (auto& [name, plan] : plans_) {
    const auto found = std::find_if(image_.reminders.begin(), image_.reminders.end(),
                                    [&name = name](const auto& reminder) { return reminder.name == name; });
    if (found == image_.reminders.end()) damaged("plans", "it names a reminder that there is not");
    found->plan = std::move(plan);
  }
  std::sort(image_.logs.begin(), image_.logs.end(), by_name);
  std::sort(requests_.begin(), requests_.end(), [](const ordered_request& a, const ordered_request& b) {
    return std::tie(a.request.at, a.version, a.nth) < std::tie(b.request.at, b.version, b.nth);
  });
  for (ordered_request& read : requests_) image_.requests.push_back(std::move(read.request));
  std::sort(image_.messages.begin(), image_.messages.end(),
            [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
  std::sort(image_.marks.begin(), image_.marks.end(), [](const auto& a, const auto& b) { return a.from < b.from; });
  std::sort(image_.letters.begin(), image_.letters.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
}

}  // namespace

std::optional<redis_head> read_head(std::string_view text) {
  redis_head head;
  packed_reader reader(text);
  const char* stop = text.data() + text.size();
  if (!reader.take(head.stamp.version) || !reader.take(head.stamp.writer) || head.stamp.version == 0) {
    return std::nullopt;
  }
  const auto [end, problem] = std::from_chars(reader.rest().data(), stop, head.epoch);
  if (problem != std::errc{} || (end != stop && *end != ' ')) return std::nullopt;
  std::string_view names(end, static_cast<std::size_t>(stop - end));
  while (!names.empty()) {
    names.remove_prefix(1);
    const std::string_view name = names.substr(0, names.find(' '));
    if (name.empty()) return std::nullopt;
    head.cells.emplace_back(name);
    names.remove_prefix(name.size());
  }
  return head;
}

spi::log_entry_image entry_of(std::uint64_t sequence, std::string_view value) {
  const std::string name = "entry " + std::to_string(sequence);
  std::int64_t at = 0;
  packed_reader reader(value);
  if (!reader.take(at)) damaged(name, "it has no time");
  check_json(name, reader.rest());
  return {sequence, time_of(at), std::string(reader.rest())};
}

spi::item_image item_of(std::string_view key, std::string_view value) {
  spi::item_image item;
  item.key = key;
  packed_reader reader(value);
  if (!reader.take(item.version)) damaged(key, "the item has no version");
  std::string_view json = reader.rest();
  if (json.starts_with(". ")) {
    json.remove_prefix(2);
  } else {
    std::int64_t expires = 0;
    if (!reader.take(expires)) damaged(key, "the item does not say when it expires");
    item.expires = time_of(expires);
    json = reader.rest();
  }
  check_json(key, json);
  item.json = json;
  return item;
}

spi::actor_image image_of(const actor_id& actor, const std::vector<redis_reply>& fields, redis_detail detail) {
  spi::actor_image image;
  image.actor = actor;
  if (fields.empty()) return image;
  field_reader reader(image, detail);
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) reader.read(fields[i].text, fields[i + 1].text);
  reader.finish();
  return image;
}

}  // namespace troupe::internal
