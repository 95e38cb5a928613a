#pragma once

#include <string>

namespace troupe::bell_test {

/// Lets a process fire the reminders of bells on the store at this URI, kills it (`SIGKILL`) so many times at seeded
/// moments, and fails the test unless each tick has its effect exactly once.
void expect_each_tick_once(const std::string& store, unsigned kills);

}  // namespace troupe::bell_test
