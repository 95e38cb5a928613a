#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "troupe/core/call_filter.hpp"
#include "troupe/core/request_context.hpp"
#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

constexpr const char* outer = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Says what travels with it, and passes it on.
class carrier : public actor {
 public:
  static constexpr std::string_view actor_type = "carrier";

  std::string say(std::string key) {
    const auto value = context().get(key);
    return value ? std::string(*value) : "none";
  }
  task<std::string> ask(std::string whom, std::string key) {
    co_await sleep_for(5ms);
    co_return co_await ref<carrier>(whom).call<&carrier::say>(key);
  }
  task<std::string> change_and_ask(std::string whom, std::string key) {
    set_context(context().with(key, "changed"));
    co_return co_await ref<carrier>(whom).call<&carrier::say>(key);
  }
  task<std::string> ask_with_another(std::string whom, std::string key) {
    const request_context other = request_context().with("other", "x");
    co_return co_await ref<carrier>(whom).with({.context = &other}).call<&carrier::say>(key);
  }
  void tell_on(std::string whom) { ref<carrier>(whom).tell<&carrier::keep>(); }
  void keep() { kept_ = say("tenant"); }
  std::string kept() { return kept_; }
  std::string span() { return context().trace() != nullptr ? context().trace()->traceparent() : "none"; }
  task<std::vector<std::string>> spans(std::string whom) {
    std::vector<std::string> all{span()};
    all.push_back(co_await ref<carrier>(whom).call<&carrier::span>());
    co_return all;
  }
  void start_timer() {
    timer_.start(1ms, [this] { kept_ = say("tenant"); });
  }
  void fail() { throw std::out_of_range("no"); }
  using methods = troupe::methods<&carrier::say, &carrier::ask, &carrier::change_and_ask, &carrier::ask_with_another,
                                  &carrier::tell_on, &carrier::keep, &carrier::kept, &carrier::span, &carrier::spans,
                                  &carrier::start_timer, &carrier::fail>;

 private:
  std::string kept_;
  timer timer_{*this};
};

class Context : public ::testing::Test {
 protected:
  Context() { rt.host<carrier>(); }
  [[nodiscard]] actor_ref<carrier> at(const char* key) { return rt.ref<carrier>(key); }
  const request_context tenant = request_context().with("tenant", "acme");
  test_runtime rt;
};

TEST_F(Context, TravelsAlongTheChainOfCalls) {
  EXPECT_EQ(at("a").with({.context = &tenant}).call<&carrier::say>("tenant").get(), "acme");
  EXPECT_EQ(at("a").with({.context = &tenant}).call<&carrier::ask>("b", "tenant").get(), "acme");
  EXPECT_EQ(at("a").call<&carrier::ask>("b", "tenant").get(), "none") << "that of another call";
}

TEST_F(Context, TravelsWithTells) {
  at("a").with({.context = &tenant}).call<&carrier::tell_on>("b").get();
  rt.settle();
  EXPECT_EQ(at("b").call<&carrier::kept>().get(), "acme");
}

TEST_F(Context, HandlerMayChangeItForWhatItSends) {
  EXPECT_EQ(at("a").with({.context = &tenant}).call<&carrier::change_and_ask>("b", "tenant").get(), "changed");
  EXPECT_EQ(tenant.get("tenant"), "acme");
  EXPECT_EQ(at("a").with({.context = &tenant}).call<&carrier::ask_with_another>("b", "tenant").get(), "none");
  EXPECT_EQ(at("a").with({.context = &tenant}).call<&carrier::ask_with_another>("b", "other").get(), "x");
}

TEST_F(Context, TimersBeginWithoutOne) {
  at("a").with({.context = &tenant}).call<&carrier::start_timer>().get();
  rt.advance(10ms);
  EXPECT_EQ(at("a").call<&carrier::kept>().get(), "none");
}

TEST_F(Context, IsBounded) {
  EXPECT_EQ(error_of([&] { static_cast<void>(tenant.with("", "x")); }).kind(), errc::invalid_argument);
  EXPECT_EQ(error_of([&] { static_cast<void>(tenant.with("a b", "x")); }).kind(), errc::invalid_argument);
  EXPECT_EQ(error_of([&] { static_cast<void>(tenant.with("k", std::string(4096, 'x'))); }).kind(), errc::too_large);
  request_context full;
  for (int i = 0; i < 32; ++i) full = full.with("k" + std::to_string(i), "v");
  EXPECT_EQ(full.entries().size(), 32U);
  EXPECT_EQ(full.with("k0", "w").get("k0"), "w");
  EXPECT_EQ(error_of([&] { static_cast<void>(full.with("one-more", "v")); }).kind(), errc::too_large);
}

TEST_F(Context, EachTurnIsAStepOfTheTrace) {
  const request_context traced = tenant.with(*trace_context::parse(outer, "a=b"));
  const auto spans = at("a").with({.context = &traced}).call<&carrier::spans>("b").get();
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_NE(spans[0], outer);
  EXPECT_NE(spans[0], spans[1]);
  for (const std::string& span : spans) {
    const auto read = trace_context::parse(span);
    ASSERT_TRUE(read) << span;
    EXPECT_EQ(read->trace_id, trace_context::parse(outer)->trace_id);
    EXPECT_TRUE(read->sampled);
  }
  test_runtime again;
  again.host<carrier>();
  EXPECT_EQ(again.ref<carrier>("a").with({.context = &traced}).call<&carrier::spans>("b").get(), spans)
      << "drawn from the runtime's entropy";
}

/// Writes down what it sees; refuses and changes what it is told to.
class clerk : public call_filter {
 public:
  clerk(std::string name, std::vector<std::string>& seen) : name_(std::move(name)), seen_(seen) {}

  void on_send(const filtered_call& call, request_context& context) override {
    note("send", call);
    if (call.method == refuse_sending) throw std::domain_error("not from here");
    if (!stamp.empty()) context = context.with("tenant", stamp);
  }
  void on_begin(const filtered_call& call, request_context&) override {
    note("begin", call);
    if (call.method == refuse_beginning) throw std::domain_error("not here");
  }
  void on_end(const filtered_call& call, const std::exception_ptr& failure) noexcept override {
    note(failure ? "failed" : "end", call);
  }

  std::string refuse_sending, refuse_beginning, stamp;

 private:
  void note(const char* what, const filtered_call& call) {
    seen_.push_back(name_ + ":" + what + " " + std::string(call.actor_type) + "/" + std::string(call.key) + "." +
                    std::string(call.method));
  }
  std::string name_;
  std::vector<std::string>& seen_;
};

class Filter : public ::testing::Test {
 protected:
  Filter() {
    auto options = options_of<carrier>();
    options.filters = {of_type};
    rt.host<carrier>(options);
    rt.host<ledger>();
  }
  std::vector<std::string> seen;
  std::shared_ptr<clerk> of_runtime = std::make_shared<clerk>("rt", seen);
  std::shared_ptr<clerk> of_type = std::make_shared<clerk>("type", seen);
  test_runtime rt{{.filters = {of_runtime}}};
};

TEST_F(Filter, SeesCallsComeBeginAndEndTheRuntimesAroundTheTypes) {
  rt.ref<carrier>("a").call<&carrier::ask>("b", "tenant").get();
  EXPECT_EQ(seen,
            (std::vector<std::string>{"rt:send carrier/a.ask", "rt:begin carrier/a.ask", "type:begin carrier/a.ask",
                                      "rt:send carrier/b.say", "type:send carrier/b.say", "rt:begin carrier/b.say",
                                      "type:begin carrier/b.say", "type:end carrier/b.say", "rt:end carrier/b.say",
                                      "type:end carrier/a.ask", "rt:end carrier/a.ask"}));
}

TEST_F(Filter, ThatOfATypeSeesNoOtherType) {
  rt.ref<ledger>("l").call<&ledger::add>(1).get();
  EXPECT_EQ(seen, (std::vector<std::string>{"rt:send ledger/l.add", "rt:begin ledger/l.add", "rt:end ledger/l.add"}));
}

TEST_F(Filter, SeesHowAHandlerFailed) {
  EXPECT_THROW(rt.ref<carrier>("a").call<&carrier::fail>().get(), std::out_of_range);
  EXPECT_EQ(seen.back(), "rt:failed carrier/a.fail");
}

TEST_F(Filter, MayRefuseWhatIsToBegin) {
  of_type->refuse_beginning = "say";
  EXPECT_THROW(rt.ref<carrier>("a").call<&carrier::say>("x").get(), std::domain_error);
  EXPECT_EQ(seen.back(), "rt:failed carrier/a.say");
  EXPECT_EQ(rt.ref<carrier>("a").call<&carrier::kept>().get(), "") << "the actor goes on";
}

TEST_F(Filter, MayRefuseWhatIsToBeSent) {
  of_runtime->refuse_sending = "say";
  EXPECT_THROW(rt.ref<carrier>("a").call<&carrier::say>("x").get(), std::domain_error);
  EXPECT_THROW(rt.ref<carrier>("a").call<&carrier::ask>("b", "x").get(), std::domain_error);
  of_runtime->refuse_sending = "keep";
  EXPECT_THROW(rt.ref<carrier>("a").tell<&carrier::keep>(), std::domain_error);
  EXPECT_THROW(rt.ref<carrier>("a").call<&carrier::tell_on>("b").get(), std::domain_error);
}

TEST_F(Filter, MayGiveAMessageItsContext) {
  of_runtime->stamp = "from the filter";
  EXPECT_EQ(rt.ref<carrier>("a").call<&carrier::ask>("b", "tenant").get(), "from the filter");
}

TEST_F(Filter, NullIsRefusedWithItsPlaceInTheOption) {
  const std::string of_a_runtime = error_of([&] {
                                     const test_runtime made({.filters = {of_runtime, nullptr}});
                                   }).what();
  EXPECT_EQ(of_a_runtime, "runtime option filters[1] is null");
  auto options = options_of<carrier>();
  options.filters = {nullptr, of_type};
  const error of_a_type = error_of([&] { test_runtime().host<carrier>(options); });
  EXPECT_EQ(of_a_type.kind(), errc::invalid_argument);
  EXPECT_EQ(of_a_type.what(), std::string("actor type \"carrier\": filters[0] is null"));
}

TEST_F(Filter, SeesTicksByTheNameOfTheirTimer) {
  rt.ref<carrier>("a").call<&carrier::start_timer>().get();
  rt.advance(1ms);
  EXPECT_EQ(seen.back(), "rt:end carrier/a.timer");
}

TEST_F(Filter, IsNotAskedWhenAStoredReplyIsTheAnswer) {
  rt.ref<ledger>("l").with({.idempotency_key = "k"}).call<&ledger::add>(1).get();
  seen.clear();
  EXPECT_EQ(rt.ref<ledger>("l").with({.idempotency_key = "k"}).call<&ledger::add>(1).get(), 1);
  EXPECT_EQ(seen, (std::vector<std::string>{"rt:send ledger/l.add"}));
}

}  // namespace
}  // namespace troupe::testing
