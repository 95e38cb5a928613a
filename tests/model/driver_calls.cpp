#include <array>
#include <string_view>
#include <utility>

#include "driver.hpp"

namespace troupe::model {
namespace {

/// A handler whose answer waits on the driver's own context.
struct queued_answer {
  using executor_type = boost::asio::io_context::executor_type;
  [[nodiscard]] executor_type get_executor() const noexcept { return answers->get_executor(); }
  void operator()(std::exception_ptr failure, view reply) const { done(std::move(failure), std::move(reply)); }

  boost::asio::io_context* answers;
  call_answer done;
};

template <kind Kind>
void make(testing::test_runtime& rt, const planned_call& c, boost::asio::io_context& answers, call_answer callback) {
  using target = member<Kind>;
  queued_answer done{&answers, std::move(callback)};
  const auto ref = rt.ref<target>(std::to_string(c.actor))
                       .with({.idempotency_key = c.key,
                              .timeout = c.timeout < 0 ? no_timeout : std::chrono::milliseconds(c.timeout)});
  switch (c.what) {
    case method::add:
      return ref.template call<&target::add>(c.id)(std::move(done));
    case method::read:
      return ref.template call<&target::read>()(std::move(done));
    case method::refuse:
      return ref.template call<&target::refuse>(c.id)(std::move(done));
    case method::tell_and_refuse:
      return ref.template call<&target::tell_and_refuse>(c.id, c.to, c.other)(std::move(done));
    case method::add_slowly:
      return ref.template call<&target::add_slowly>(c.id, c.ms)(std::move(done));
    case method::refuse_slowly:
      return ref.template call<&target::refuse_slowly>(c.id, c.ms)(std::move(done));
    case method::relay:
      return ref.template call<&target::relay>(c.id, c.to, c.other)(std::move(done));
    case method::tell:
      return ref.template call<&target::tell>(c.id, c.to, c.other)(std::move(done));
    case method::post:
      return ref.template call<&target::post>(c.id, c.to, c.other)(std::move(done));
    case method::remind:
      return ref.template call<&target::remind>(c.id, c.ms, c.period)(std::move(done));
    case method::forget_reminders:
      return ref.template call<&target::forget_reminders>(c.id)(std::move(done));
    case method::start_timer:
      return ref.template call<&target::start_timer>(c.id, c.other, c.ms)(std::move(done));
    case method::leave:
      return ref.template call<&target::leave>(c.id)(std::move(done));
    case method::erase_all:
      return ref.template call<&target::erase_all>(c.id)(std::move(done));
    case method::look_slowly:
      return ref.template call<&target::look_slowly>(c.ms)(std::move(done));
    case method::mix_slowly:
      return ref.template call<&target::mix_slowly>(c.id, c.ms)(std::move(done));
    case method::mix_and_refuse:
      return ref.template call<&target::mix_and_refuse>(c.id, c.ms)(std::move(done));
    case method::bounce:
      return ref.template call<&target::bounce>(c.id, c.to, c.other, c.refuses)(std::move(done));
  }
}

}  // namespace

void make_call(testing::test_runtime& rt, kind type, const planned_call& call, boost::asio::io_context& answers,
               call_answer done) {
  switch (type) {
    case kind::every_turn:
      return make<kind::every_turn>(rt, call, answers, std::move(done));
    case kind::write_behind:
      return make<kind::write_behind>(rt, call, answers, std::move(done));
    case kind::on_deactivate:
      return make<kind::on_deactivate>(rt, call, answers, std::move(done));
    case kind::none:
      return make<kind::none>(rt, call, answers, std::move(done));
  }
}

std::string to_string(const planned_call& c) {
  static constexpr std::array<std::string_view, 18> names{
      "add",   "read",      "refuse",      "tell_and_refuse", "add_slowly",       "refuse_slowly",
      "relay", "tell",      "post",        "remind",          "forget_reminders", "start_timer",
      "leave", "erase_all", "look_slowly", "mix_slowly",      "mix_and_refuse",   "bounce"};
  std::string line(names.at(static_cast<std::size_t>(c.what)));
  line += "(" + std::to_string(c.id) + ") on " + std::to_string(c.actor);
  if (c.other != 0) line += ", then " + std::to_string(c.other) + " on " + std::to_string(c.to);
  if (c.ms != 0) line += ", ms " + std::to_string(c.ms);
  if (c.period != 0) line += ", period " + std::to_string(c.period);
  if (c.timeout > 0) line += ", timeout " + std::to_string(c.timeout);
  if (c.refuses) line += ", refused inside";
  if (!c.key.empty()) line += ", key " + c.key;
  return line;
}

}  // namespace troupe::model
