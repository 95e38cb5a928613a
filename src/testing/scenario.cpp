#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

#include <cxxabi.h>

#include "troupe/testing/scenario_base.hpp"

namespace troupe::testing {
namespace {

std::string type_of(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status),
                                                         &std::free);
  return status == 0 ? name.get() : type.name();
}

std::string describe(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    return type_of(typeid(e)) + ": " + e.what();
  } catch (...) {
    return "an exception that is not a std::exception";
  }
}

bool same_json(const std::string& a, const std::string& b) {
  return a == b || nlohmann::json::parse(a) == nlohmann::json::parse(b);
}

/// As compilers name a place; nothing for one that is not known.
std::string show(const boost::source_location& where) {
  return where.line() == 0 ? "" : std::string(where.file_name()) + ':' + std::to_string(where.line()) + ": ";
}

std::string show(const sent_message& message) {
  return message.method + message.arguments_json + " to " + to_string(message.to);
}

std::string show(const std::vector<sent_message>& messages) {
  std::string all;
  for (const auto& message : messages) all += (all.empty() ? "" : ", ") + show(message);
  return all.empty() ? "no message" : all;
}

std::string show(const std::vector<spi::cell_image>& cells) {
  std::string all;
  for (const auto& cell : cells) all += (all.empty() ? "state \"" : ", \"") + cell.name + "\" " + cell.json;
  return all.empty() ? "no state" : all;
}

std::string show(const spi::reminder_image& reminder, wall_time now, bool with_data) {
  std::string text = "\"" + reminder.name + "\" due in " + std::to_string((reminder.due - now).count()) + " ms";
  text += reminder.period.count() == 0 ? ", once" : ", then every " + std::to_string(reminder.period.count()) + " ms";
  return with_data ? text + ", with " + reminder.data : text;
}

std::string show(const std::vector<spi::reminder_image>& reminders, wall_time now, bool with_data) {
  std::string all;
  for (const auto& reminder : reminders) {
    all += (all.empty() ? "reminder " : ", ") + show(reminder, now, with_data);
  }
  return all.empty() ? "no reminder" : all;
}

}  // namespace

scenario_base::scenario_base(actor_id subject, test_options options)
    : subject_(std::move(subject)), runtime_(std::move(options)), exceptions_before_(std::uncaught_exceptions()) {}

scenario_base::~scenario_base() noexcept(false) {
  if (std::uncaught_exceptions() == exceptions_before_) require_examined();
}

void scenario_base::given_at(const place& where) { where_ = where; }

void scenario_base::then_at(const place& where) {
  if (step_.empty()) throw std::logic_error(show(where) + "troupe::testing::scenario: a then comes after a when");
  where_ = where;
  examined_ = true;
}

void scenario_base::require_given() const {
  if (!step_.empty()) {
    throw std::logic_error(show(where_) + "troupe::testing::scenario: a given comes before the first when");
  }
}

void scenario_base::require_cell(const actor_id& actor, std::string_view cell, const place& where) const {
  const auto cells = runtime_.cells_of(actor.type);
  if (!cells || std::find(cells->begin(), cells->end(), cell) != cells->end()) return;
  for (const auto& old : old_cells_) {
    if (old.actor == actor && old.cell == cell) return;
  }
  std::string all;
  for (const auto& name : *cells) all += (all.empty() ? "" : ", ") + name;
  throw std::logic_error(show(where) + "troupe::testing::scenario: the class of " + to_string(actor) +
                         " has no cell \"" + std::string(cell) + "\"; it has " +
                         (all.empty() ? "none" : "these: " + all));
}

void scenario_base::require_examined() {
  if (!std::exchange(examined_, true) && (failure_ || tick_failure_)) fail("a then that says how it fails", outcome());
}

scenario_base::given_actor& scenario_base::entry_of(const actor_id& actor) {
  require_given();
  for (auto& entry : given_) {
    if (entry.actor == actor) return entry;
  }
  return given_.emplace_back(given_actor{actor, {}, {}});
}

void scenario_base::add_cell(const actor_id& actor, spi::cell_image cell) {
  auto& cells = entry_of(actor).cells;
  require_cell(actor, cell.name, where_);
  given_cells_.push_back({actor, cell.name, where_});
  cells.push_back(std::move(cell));
}

void scenario_base::add_old_cell(const actor_id& actor, spi::cell_image cell) {
  auto& cells = entry_of(actor).cells;
  old_cells_.push_back({actor, cell.name, {}});
  cells.push_back(std::move(cell));
}

void scenario_base::add_reminder(spi::reminder_image reminder) {
  entry_of(subject_).reminders.push_back(std::move(reminder));
}

void scenario_base::set_time(wall_time wall) {
  require_given();
  runtime_.set_wall(wall);
}

void scenario_base::begin(std::string step, const place& where) {
  require_examined();
  where_ = where;
  for (const auto& given : std::exchange(given_cells_, {})) require_cell(given.actor, given.cell, given.where);
  for (auto& entry : std::exchange(given_, {})) {
    runtime_.put(entry.actor, std::move(entry.cells), std::move(entry.reminders));
  }
  step_ = std::move(step);
  examined_ = false;
  called_ = false;
  failure_ = nullptr;
  reply_.reset();
  tick_failure_.reset();
  sent_.clear();
  sent_before_ = runtime_.sent().size();
  log_before_ = runtime_.log_lines().size();
  stored_before_ = runtime_.stored(subject_);
}

void scenario_base::answered(std::exception_ptr failure, std::optional<std::string> reply_json) {
  called_ = true;
  failure_ = std::move(failure);
  reply_ = std::move(reply_json);
  runtime_.settle();
  look_around();
}

void scenario_base::pass_time(std::string step, std::chrono::nanoseconds span, const place& where) {
  begin(std::move(step), where);
  runtime_.advance(span);
  look_around();
}

void scenario_base::fire(std::string_view reminder, const place& where) {
  begin("reminder \"" + std::string(reminder) + "\" is due", where);
  const auto& known = stored_before_.reminders;
  const auto found = std::find_if(known.begin(), known.end(), [&](const auto& r) { return r.name == reminder; });
  if (found == known.end()) {
    fail("reminder \"" + std::string(reminder) + "\"", show(known, runtime_.wall_now(), false));
  }
  runtime_.advance(std::max<std::chrono::nanoseconds>(found->due - runtime_.wall_now(), {}));
  look_around();
}

void scenario_base::look_around() {
  const auto& sent = runtime_.sent();
  for (std::size_t i = sent_before_; i < sent.size(); ++i) {
    if (sent[i].from == subject_) sent_.push_back(sent[i]);
  }
  const std::string subject = to_string(subject_);
  const auto& log = runtime_.log_lines();
  for (std::size_t i = log_before_; i < log.size() && !tick_failure_; ++i) {
    for (const std::string& opening :
         {"a reminder of " + subject + " failed", "a timer of " + subject + " failed", "waking " + subject + " "}) {
      if (log[i].starts_with(opening)) tick_failure_ = log[i];
    }
  }
}

std::string scenario_base::outcome() const {
  if (failure_) return "the call threw " + describe(failure_);
  if (tick_failure_) return *tick_failure_;
  if (reply_) return "the call returned " + *reply_;
  return called_ ? "the call returned without a JSON value" : "nothing failed";
}

void scenario_base::fail(const std::string& expected, const std::string& found) const {
  std::string text = show(where_) + "scenario of " + to_string(subject_) + ", when " + step_;
  text += ":\n  expected: " + expected + "\n  found:    " + found;
  if (const std::string end = outcome(); end != found) text += "\n  outcome:  " + end;
  throw scenario_failure(text);
}

void scenario_base::expect_success() const {
  if (failure_ || tick_failure_) fail("success", outcome());
}

void scenario_base::expect_reply(const std::string& json) const {
  if (!reply_ || !same_json(*reply_, json)) fail("the call returned " + json, outcome());
}

void scenario_base::expect_failure(std::string_view text) const {
  if (!failure_ && !tick_failure_) fail("a failure", outcome());
  if (outcome().find(text) == std::string::npos) fail("a failure that says \"" + std::string(text) + "\"", outcome());
}

void scenario_base::expect_thrown(const std::type_info& type, bool matches, std::string_view text) const {
  const std::string wanted = type_of(type) + (text.empty() ? "" : " that says \"" + std::string(text) + "\"");
  if (failure_ ? !matches : !tick_failure_) fail(wanted, outcome());
  if (!failure_) fail(wanted, "a tick, whose failure is known by its message only");
  if (outcome().find(text) == std::string::npos) fail(wanted, outcome());
}

void scenario_base::expect_state(const actor_id& actor, std::string_view cell,
                                 const std::optional<std::string>& json) const {
  require_cell(actor, cell, where_);
  const spi::actor_image image = runtime_.stored(actor);
  const auto found =
      std::find_if(image.cells.begin(), image.cells.end(), [&](const auto& c) { return c.name == cell; });
  const bool there = found != image.cells.end();
  if (json ? there && same_json(found->json, *json) : !there) return;
  const std::string of = actor == subject_ ? "" : " of " + to_string(actor);
  fail((json ? "state \"" : "no state \"") + std::string(cell) + "\"" + (json ? " " + *json : "") + of,
       show(image.cells) + of);
}

void scenario_base::expect_sent(const actor_id& to, std::string_view method, const std::string& arguments_json) {
  const auto found = std::find_if(sent_.begin(), sent_.end(), [&](const sent_message& message) {
    return message.to == to && message.method == method && same_json(message.arguments_json, arguments_json);
  });
  if (found == sent_.end()) fail(show({subject_, to, std::string(method), arguments_json}), show(sent_));
  sent_.erase(found);
}

void scenario_base::expect_nothing_more_sent() const {
  if (!sent_.empty()) fail("no further message", show(sent_));
}

void scenario_base::expect_reminder(std::string_view name, std::chrono::milliseconds due_in,
                                    std::chrono::milliseconds period,
                                    const std::optional<std::string>& data_json) const {
  const wall_time now = runtime_.wall_now();
  const auto reminders = runtime_.stored(subject_).reminders;
  const spi::reminder_image wanted{std::string(name), now + due_in, period, data_json.value_or("null")};
  for (const auto& reminder : reminders) {
    const bool same_data = !data_json || same_json(reminder.data, *data_json);
    if (reminder.name == name && reminder.due == wanted.due && reminder.period == period && same_data) return;
  }
  fail("reminder " + show(wanted, now, data_json.has_value()), show(reminders, now, data_json.has_value()));
}

void scenario_base::expect_no_reminder(std::string_view name) const {
  const auto reminders = runtime_.stored(subject_).reminders;
  const bool there = std::any_of(reminders.begin(), reminders.end(), [&](const auto& r) { return r.name == name; });
  if (there) fail("no reminder \"" + std::string(name) + "\"", show(reminders, runtime_.wall_now(), false));
}

void scenario_base::expect_unchanged() const {
  const spi::actor_image now = runtime_.stored(subject_);
  if (now.cells != stored_before_.cells) fail("as before " + show(stored_before_.cells), show(now.cells));
  if (now.reminders != stored_before_.reminders) {
    const wall_time wall = runtime_.wall_now();
    fail("as before " + show(stored_before_.reminders, wall, true), show(now.reminders, wall, true));
  }
  expect_nothing_more_sent();
}

}  // namespace troupe::testing
