#pragma once

#include "core/activation.hpp"
#include "core/tell_strand.hpp"
#include "core/timer_service.hpp"

namespace troupe::internal {

/// Rings by calling a member of an activation on its strand. Keeps the place.
class strand_alarm final : public alarm {
 public:
  using member = void (activation::*)() noexcept;

  strand_alarm(activation& target, member what) : target_(&target), what_(what) { target.retain(); }
  strand_alarm(const strand_alarm&) = delete;
  strand_alarm& operator=(const strand_alarm&) = delete;
  ~strand_alarm() override { target_->release(); }

  void ring() noexcept override {
    tell_strand(*target_, [what = what_](activation& a) { (a.*what)(); });
  }

 private:
  activation* target_;
  member what_;
};

}  // namespace troupe::internal
