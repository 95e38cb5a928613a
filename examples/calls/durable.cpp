// A durable message is committed with the turn that sends it, arrives once whatever happens, and is kept as a dead
// letter when its handler cannot take it.

#include <iostream>
#include <stdexcept>

#include <troupe/stores/memory.hpp>
#include <troupe/troupe.hpp>

struct account {
  int pence = 0;
  bool open = false;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(account, pence, open)

class bank : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "bank";

  void open() { account_.edit().open = true; }
  void pay(int pence) {
    if (!account_->open) throw std::runtime_error("the bank is closed");
    account_.edit().pence += pence;
  }
  int balance() const { return account_->pence; }
  using methods = troupe::methods<&bank::open, &bank::pay, &bank::balance>;

 private:
  troupe::state<account> account_{*this, "account"};
};

class shop : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "shop";
  static constexpr troupe::message_options messages{.attempts_max = 3, .first_pause = std::chrono::milliseconds(1)};

  void sell(int pence) {
    takings_.edit() += pence;
    ref<bank>("b").tell<&bank::pay>(troupe::durable, pence);  // one commit with the takings
  }
  using methods = troupe::methods<&shop::sell>;

 private:
  troupe::state<int> takings_{*this, "takings"};
};

int main() {
  const auto disk = troupe::stores::make_memory_disk();  // outlives the runtimes, as a file would
  const auto start = [&disk] {
    troupe::runtime_options options;
    options.store_instance = troupe::stores::memory_store({.disk = disk});
    options.log = [](troupe::log_level, std::string_view) {};
    auto rt = std::make_unique<troupe::runtime>(std::move(options));
    rt->host<bank>();
    rt->host<shop>();
    return rt;
  };
  const troupe::actor_id keeper{"bank", "b"};

  auto rt = start();
  rt->ref<shop>("s").call<&shop::sell>(100).get();
  while (rt->dead_letters(keeper).empty()) {
  }
  for (const troupe::dead_letter& letter : rt->dead_letters(keeper)) {
    std::cout << "dead letter from " << to_string(letter.from) << ": " << letter.method << letter.arguments
              << " failed " << letter.attempts << " times: " << letter.error << '\n';
  }
  rt->ref<bank>("b").call<&bank::open>().get();
  rt->redrive_dead_letter(keeper, rt->dead_letters(keeper).at(0).id);
  std::cout << "redriven: the bank has " << rt->ref<bank>("b").call<&bank::balance>().get() << '\n';

  rt->ref<shop>("s").call<&shop::sell>(250).get();
  std::cout << "sold once more, and the service ends at once\n";
  rt.reset();
  rt = start();
  while (rt->ref<bank>("b").call<&bank::balance>().get() < 350) {
  }
  std::cout << "after the restart the bank has " << rt->ref<bank>("b").call<&bank::balance>().get() << '\n';
}
