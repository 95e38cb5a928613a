#pragma once

#include "console/options.hpp"

namespace marketplace {

// The commands. Each returns `exit_ok`, or `exit_failure` when something does not add up.
// Errors: exceptions say what could not be done.

exit_code run(const negotiate_options& options);
exit_code run(const replay_options& options);
exit_code run(const audit_options& options);
exit_code run(const history_options& options);

}  // namespace marketplace
