#pragma once

#include <stdexcept>
#include <string>

#include <troupe/troupe.hpp>

/// The stock of one item, named by the item.
class warehouse : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "warehouse";

  int deliver(int count) { return stock_.edit() += count; }

  int reserve(int count) {
    stock_.edit() -= count;
    if (*stock_ < 0) throw std::out_of_range("only " + std::to_string(*stock_ + count) + " in stock");
    return *stock_;
  }

  int stock() const { return *stock_; }

  using methods = troupe::methods<&warehouse::deliver, &warehouse::reserve, &warehouse::stock>;

 private:
  troupe::state<int> stock_{*this, "stock"};
};
