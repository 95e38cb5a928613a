// A call that is tried again with the same idempotency key takes effect once.
#include <iostream>

#include <troupe/troupe.hpp>

class account : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "account";

  int pay_in(int pence) { return balance_.edit() += pence; }
  int balance() const { return *balance_; }
  using methods = troupe::methods<&account::pay_in, &account::balance>;

 private:
  troupe::state<int> balance_{*this, "balance"};
};

int main() {
  troupe::runtime rt;
  rt.host<account>();
  const auto anna = rt.ref<account>("anna");
  const auto salary = anna.with({.idempotency_key = "salary of March"});

  std::cout << "paid in: " << salary.call<&account::pay_in>(2500).get() << '\n';
  // The answer was lost on its way, say, so the caller does not know, and asks again.
  std::cout << "tried again: " << salary.call<&account::pay_in>(2500).get() << '\n';
  std::cout << "balance: " << anna.call<&account::balance>().get() << '\n';
}
