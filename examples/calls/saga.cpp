// A saga books a flight and a room as a whole, or gives back what it got.
#include <iostream>
#include <stdexcept>
#include <string>

#include <troupe/saga/saga.hpp>
#include <troupe/saga/saga_end.hpp>
#include <troupe/troupe.hpp>

/// What is to be had of something: the seats of a flight, the rooms of a hotel.
class stock : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "stock";
  void add(int count) { left_.edit() += count; }
  void take_one() {
    if (*left_ == 0) throw std::out_of_range(std::string(key()) + " is sold out");
    left_.edit() -= 1;
  }
  int left() const { return *left_; }
  using methods = troupe::methods<&stock::add, &stock::take_one, &stock::left>;

 private:
  troupe::state<int> left_{*this, "left"};
};

struct plan {
  std::string flight;
  std::string hotel;
  bool has_seat = false;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(plan, flight, hotel, has_seat)

class trip : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "trip";

  void book(plan wanted) { booking_.begin(key(), wanted); }
  troupe::saga_status status() const { return booking_.status(); }

  troupe::task<void> on_reminder(troupe::reminder_tick tick) override {
    booking_.on_reminder(tick);  // goes on after a crash
    return {};
  }

  using methods = troupe::methods<&trip::book, &trip::status>;

 private:
  troupe::task<void> take_seat(troupe::saga_attempt attempt) {
    co_await attempt.with(ref<stock>(booking_->flight)).call<&stock::take_one>();
    booking_.edit().has_seat = true;
  }
  troupe::task<void> give_seat_back(troupe::saga_attempt attempt) {
    if (booking_->has_seat) co_await attempt.with(ref<stock>(booking_->flight)).call<&stock::add>(1);
  }
  troupe::task<void> take_room(troupe::saga_attempt attempt) {
    co_await attempt.with(ref<stock>(booking_->hotel)).call<&stock::take_one>();
  }

  troupe::saga<plan, troupe::saga_step<"seat", &trip::take_seat, &trip::give_seat_back>,
               troupe::saga_step<"room", &trip::take_room>>
      booking_{*this, "booking"};
};

class travel_agent : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "travel_agent";
  troupe::task<troupe::saga_status> arrange(std::string name, plan wanted) {
    co_await ref<trip>(name).call<&trip::book>(wanted);
    co_return co_await troupe::saga_end<&trip::status>(ref<trip>(name), name);
  }
  using methods = troupe::methods<&travel_agent::arrange>;
};

int main() {
  troupe::runtime_options options;
  options.log = [](troupe::log_level, std::string_view) {};  // a refused step is logged
  troupe::runtime rt{options};
  rt.host<stock>();
  rt.host<trip>();
  rt.host<travel_agent>();
  rt.ref<stock>("LH 441").call<&stock::add>(10).get();
  rt.ref<stock>("Ritz").call<&stock::add>(1).get();

  for (const std::string name : {"anna", "ben"}) {
    const plan wanted{"LH 441", "Ritz"};
    const troupe::saga_status ended = rt.ref<travel_agent>("agent").call<&travel_agent::arrange>(name, wanted).get();
    std::cout << name << ": " << nlohmann::json(ended.phase).get<std::string>();
    std::cout << (ended.reason.empty() ? "" : ", because " + ended.reason) << '\n';
  }
  std::cout << rt.ref<stock>("LH 441").call<&stock::left>().get() << " seats are left\n";
}
