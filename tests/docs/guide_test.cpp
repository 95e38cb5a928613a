// The code of docs/guide that is no part of an example, and what the guide says of it.
#include <chrono>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <troupe/testing/test_runtime.hpp>
#include <troupe/troupe.hpp>

using namespace std::chrono_literals;
using troupe::testing::test_runtime;

// ---- 02: one after the other, and both at once

class oven : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "oven";
  static constexpr auto call_timeout = troupe::no_timeout;
  troupe::task<int> bake(int loaves) {
    co_await troupe::sleep_for(10min);
    co_return loaves;
  }
  using methods = troupe::methods<&oven::bake>;
};

class bakery : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "bakery";
  static constexpr auto call_timeout = troupe::no_timeout;

  troupe::task<int> bake_both() {
    auto left = ref<oven>("left").call<&oven::bake>(20);
    auto right = ref<oven>("right").call<&oven::bake>(30);
    const int first = co_await std::move(left);   // the call is made here
    co_return first + co_await std::move(right);  // and this one when the first has been answered
  }

  troupe::task<int> bake_side_by_side() {
    auto [left, right] =
        co_await troupe::when_all(ref<oven>("left").call<&oven::bake>(20), ref<oven>("right").call<&oven::bake>(30));
    co_return left + right;
  }

  using methods = troupe::methods<&bakery::bake_both, &bakery::bake_side_by_side>;
};

TEST(Guide, CallStartsWhenItIsAwaited) {
  test_runtime rt;
  rt.host<oven>();
  rt.host<bakery>();
  const auto before = rt.wall_now();
  EXPECT_EQ(rt.ref<bakery>("b").call<&bakery::bake_both>().get(), 50);
  EXPECT_GE(rt.wall_now() - before, 20min);
}

TEST(Guide, CallsRunSideBySide) {
  test_runtime rt;
  rt.host<oven>();
  rt.host<bakery>();
  EXPECT_EQ(rt.ref<bakery>("b").call<&bakery::bake_side_by_side>().get(), 50);
}

// ---- 02: messages, durability, schema, hooks; 03: timers

class ledger : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "ledger";
  void note(std::string what, int times) { entries_.edit()[what] += times; }
  std::map<std::string, int> entries() const { return *entries_; }
  using methods = troupe::methods<&ledger::note, &ledger::entries>;

 private:
  troupe::state<std::map<std::string, int>> entries_{*this, "entries"};
};

class turnstile : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "turnstile";
  static constexpr std::chrono::minutes idle_timeout{5};
  static constexpr troupe::durability persistence = troupe::durability::write_behind(std::chrono::seconds(2));
  static constexpr troupe::request_window requests{.count_max = 200, .age_max = std::chrono::hours(1)};

  void pass() { passed_.edit() += 1; }
  int passed() const { return *passed_; }

  troupe::task<void> on_activate() override {
    reported_ = *passed_;                           // a plain member: gone with the last activation
    report_.start(10s, 10s, [this] { report(); });  // first after 10 s, then every 10 s
    co_return;
  }

  troupe::task<void> on_deactivate(troupe::deactivation_reason) override {
    report();
    return {};  // nothing to await, so no coroutine
  }

  using methods = troupe::methods<&turnstile::pass, &turnstile::passed>;

 private:
  void report() {
    ref<ledger>("all").tell<&ledger::note>(std::string(key()), *passed_ - reported_);
    reported_ = *passed_;
  }

  troupe::state<int> passed_{*this, "passed"};
  int reported_ = 0;
  troupe::timer report_{*this};
};

TEST(Guide, TimerTellsAndSoDoesTheLastTurn) {
  test_runtime rt;
  rt.host<turnstile>();
  rt.host<ledger>();
  const auto north = rt.ref<turnstile>("north");
  const auto all = rt.ref<ledger>("all");
  north.call<&turnstile::pass>().get();
  rt.advance(11s);
  EXPECT_EQ(all.call<&ledger::entries>().get(), (std::map<std::string, int>{{"north", 1}}));
  north.call<&turnstile::pass>().get();
  rt.deactivate(north);
  rt.settle();
  EXPECT_EQ(all.call<&ledger::entries>().get(), (std::map<std::string, int>{{"north", 2}}));
}

TEST(Guide, OptionsOfAClassAreItsStaticMembers) {
  const auto options = troupe::options_of<turnstile>();
  EXPECT_EQ(options.idle_timeout, 5min);
  EXPECT_EQ(options.persistence.what(), troupe::durability::kind::write_behind);
  EXPECT_EQ(options.requests.count_max, 200U);
}

struct price {
  std::int64_t pence = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(price, pence)

template <>
struct troupe::state_schema<price> {
  static constexpr std::uint32_t version = 2;
  static nlohmann::json upgrade(nlohmann::json row, std::uint32_t) {  // called with 1: version 1 counted pounds
    return {{"pence", row.at("pounds").get<std::int64_t>() * 100}};
  }
};

class tag : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "tag";
  std::int64_t pence() const { return price_->pence; }
  using methods = troupe::methods<&tag::pence>;

 private:
  troupe::state<price> price_{*this, "price"};
};

TEST(Guide, RowsOfAnOlderSchemaAreUpgraded) {
  test_runtime rt;
  rt.host<tag>();
  rt.put({"tag", "cup"}, {{"price", 1, R"({"pounds":3})"}});
  EXPECT_EQ(rt.ref<tag>("cup").call<&tag::pence>().get(), 300);
}

// ---- 02: what an actor depends on

class exchange {
 public:
  virtual ~exchange() = default;
  virtual int rate(const std::string& currency) = 0;
};

class desk : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "desk";
  static constexpr troupe::durability persistence = troupe::durability::none();

  explicit desk(std::shared_ptr<exchange> rates) : rates_(std::move(rates)) {}
  int change(int amount) { return amount * rates_->rate(std::string(key())); }
  using methods = troupe::methods<&desk::change>;

 private:
  std::shared_ptr<exchange> rates_;
};

class fixed_exchange : public exchange {
 public:
  int rate(const std::string& currency) override { return currency == "JPY" ? 190 : 1; }
};

void host_desks(troupe::runtime& rt, std::shared_ptr<exchange> rates) {
  troupe::actor_type_options options = troupe::options_of<desk>();
  options.idle_timeout = 1h;
  rt.host<desk>(options, [rates] { return std::make_unique<desk>(rates); });
}

TEST(Guide, FactoriesHandOverWhatActorsDependOn) {
  troupe::runtime rt{{.threads = 1}};
  host_desks(rt, std::make_shared<fixed_exchange>());
  EXPECT_EQ(rt.ref<desk>("JPY").call<&desk::change>(2).get(), 380);
}

TEST(Guide, OptionsGivenToHostReplaceThoseOfTheClass) {
  test_runtime rt;
  const auto rates = std::make_shared<fixed_exchange>();
  const auto make = [rates] { return std::make_unique<desk>(rates); };
  rt.host<desk>({.idle_timeout = 1h}, make);  // durable now: the class's `none` is gone with the rest
  const auto jpy = rt.ref<desk>("JPY").with({.idempotency_key = "k"});
  EXPECT_EQ(jpy.call<&desk::change>(2).get(), 380);
  test_runtime other;
  other.host<desk>(troupe::options_of<desk>(), make);
  EXPECT_THROW(other.ref<desk>("JPY").with({.idempotency_key = "k"}).call<&desk::change>(2).get(), troupe::error);
}

// ---- 02: errors; 05: several processes

class tally : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "tally";
  int add(int n) { return sum_.edit() += n; }
  int sum() const { return *sum_; }
  using methods = troupe::methods<&tally::add, &tally::sum>;

 private:
  troupe::state<int> sum_{*this, "sum"};
};

/// Returns false when another process wrote the actor in the meantime.
bool try_to_add(const troupe::actor_ref<tally>& target, int n) {
  try {
    target.call<&tally::add>(n).get();
    return true;
  } catch (const troupe::error& failure) {
    if (failure.kind() == troupe::errc::conflict) return false;  // certainly not added; the next call reads afresh
    if (failure.effect() == troupe::effect::unknown) std::clog << "perhaps added: repeat it only with a key\n";
    throw;
  }
}

TEST(Guide, ResidentActorIsStaleUntilItsCommitConflicts) {
  const auto disk = troupe::stores::make_memory_disk();
  test_runtime a{{.disk = disk}};
  test_runtime b{{.seed = 2, .disk = disk}};
  a.host<tally>();
  b.host<tally>();
  const auto here = a.ref<tally>("t");
  EXPECT_TRUE(try_to_add(here, 1));
  EXPECT_TRUE(try_to_add(b.ref<tally>("t"), 10));
  EXPECT_EQ(here.call<&tally::sum>().get(), 1);
  EXPECT_FALSE(try_to_add(here, 100));
  EXPECT_EQ(here.call<&tally::sum>().get(), 11);
  EXPECT_TRUE(try_to_add(here, 100));
  EXPECT_EQ(b.ref<tally>("t").call<&tally::sum>().get(), 11);
}

// ---- 01: calls by name

TEST(Guide, CallsByNameTakeAndGiveJson) {
  troupe::runtime rt{{.threads = 1}};
  rt.host<ledger>();
  rt.call_by_name("ledger", "all", "note", R"(["north", 3])");
  const std::string entries = rt.call_by_name("ledger", "all", "entries", "[]");
  EXPECT_EQ(entries, R"({"north":3})");
}

// ---- 03: reminders without a time

class alarm_clock : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "alarm_clock";
  void wind(std::string what) { schedule_reminder(what, {}); }
  int rung() const { return *rung_; }
  troupe::task<void> on_reminder(troupe::reminder_tick) override {
    rung_.edit() += 1;
    return {};
  }
  using methods = troupe::methods<&alarm_clock::wind, &alarm_clock::rung>;

 private:
  troupe::state<int> rung_{*this, "rung"};
};

TEST(Guide, ReminderWithoutATimeIsDueAtOnce) {
  test_runtime rt;
  rt.host<alarm_clock>();
  const auto clock = rt.ref<alarm_clock>("c");
  clock.call<&alarm_clock::wind>("now").get();
  rt.advance(1ms);
  EXPECT_EQ(clock.call<&alarm_clock::rung>().get(), 1);
}
