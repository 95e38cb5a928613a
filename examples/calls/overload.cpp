// A printer that is slower than those who send to it: its mailbox is bounded, a sender that floods it does not shut
// others out, and whoever is refused is told when to try again.

#include <atomic>
#include <iostream>
#include <string>

#include <troupe/troupe.hpp>

std::atomic<bool> stuck = true;  // the printer has no paper

class printer : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "printer";
  static constexpr std::size_t mailbox_max = 100;

  troupe::task<int> print(std::string) {
    while (stuck) co_await troupe::sleep_for(std::chrono::milliseconds(1));
    co_return ++pages_;
  }
  using methods = troupe::methods<&printer::print>;

 private:
  int pages_ = 0;
};

class clerk : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "clerk";

  troupe::task<int> print_one() {
    for (;;) {
      std::chrono::milliseconds pause{0};
      try {
        co_return co_await ref<printer>("p").call<&printer::print>("letter");
      } catch (const troupe::error& e) {
        if (e.kind() != troupe::errc::overloaded) throw;
        pause = e.retry_after();
      }
      co_await troupe::sleep_for(pause);
    }
  }
  using methods = troupe::methods<&clerk::print_one>;
};

int main() {
  std::atomic<int> printed = 0, refused = 0, told_when = 0, clerks = 0, done = 0;
  troupe::runtime rt;
  rt.host<printer>();
  rt.host<clerk>();

  for (int i = 0; i < 1000; ++i) {  // one sender floods the printer
    rt.ref<printer>("p").call<&printer::print>("spam")([&](const std::exception_ptr& failure, int) {
      try {
        if (failure) std::rethrow_exception(failure);
        ++printed;
      } catch (const troupe::error& e) {
        if (e.kind() == troupe::errc::overloaded) ++refused;
        if (e.retry_after() > std::chrono::milliseconds(0)) ++told_when;
      }
      ++done;
      done.notify_all();
    });
  }
  for (const char* name : {"ann", "bob", "cleo"}) {  // and others still get in
    rt.ref<clerk>(name).call<&clerk::print_one>()([&](const std::exception_ptr& failure, int) {
      if (!failure) ++clerks;
      ++done;
      done.notify_all();
    });
  }
  while (refused < 900) done.wait(done);
  stuck = false;
  while (done < 1003) done.wait(done);

  std::cout << std::boolalpha << "all were answered: " << (printed + refused == 1000) << '\n'
            << "no more waited than the bound: " << (printed <= 101) << '\n'
            << "each refused one was told when to try again: " << (refused > 0 && told_when == refused) << '\n'
            << "clerks served beside the flood: " << clerks << '\n'
            << "the printer takes more: " << (rt.ref<printer>("p").call<&printer::print>("last").get() > 0) << '\n';
}
