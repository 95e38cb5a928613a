#pragma once

#include <utility>

#include "core/activation.hpp"
#include "troupe/detail/message.hpp"

namespace troupe::internal {

/// Work that tells an activation something, once.
template <class Function>
void tell_strand(activation& target, Function function) {
  class work final : public detail::message {
   public:
    work(activation& target, Function f) : message(role::work), target_(&target), function_(std::move(f)) {
      target.retain();
    }
    void run() noexcept override {
      function_(*target_);
      activation* done = target_;
      delete this;
      done->release();
    }
    void abandon() noexcept override {
      activation* target = target_;
      delete this;
      target->release();
    }

   private:
    activation* target_;
    Function function_;
  };
  target.push(*new work(target, std::move(function)));
}

}  // namespace troupe::internal
