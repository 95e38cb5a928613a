#pragma once

namespace marketplace {

/// What a rule decides: the state afterwards, and what to say.
/// All rules are functions of (state, message, random number): no clock, no input or output, no actor.
template <typename State, typename Reply>
struct decided {
  State state;
  Reply reply;
};

}  // namespace marketplace
