#pragma once

#include "core/activation.hpp"
#include "core/alarm.hpp"
#include "core/tell_strand.hpp"

namespace troupe::internal {

/// Rings by calling a member of an activation on its strand. Keeps the place until then.
[[nodiscard]] inline alarm_ptr make_strand_alarm(activation& target, void (activation::*what)() noexcept) {
  target.retain();
  return make_alarm(
      [place = detail::activation_ptr(&target), what] { tell_strand(*place, [what](activation& a) { (a.*what)(); }); });
}

}  // namespace troupe::internal
