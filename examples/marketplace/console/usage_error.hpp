#pragma once

#include <stdexcept>

namespace marketplace {

/// The command line asks for something that must not be done; nothing was done. Ends the program with `exit_usage`.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace marketplace
