#pragma once

#include "console/options.hpp"

namespace marketplace {

// The three commands. Each returns `exit_ok`, or `exit_failure` when something does not add up.
// Errors: exceptions say what could not be done.

exit_code run(const negotiate_options& options);
exit_code run(const replay_options& options);
exit_code run(const audit_options& options);

}  // namespace marketplace
