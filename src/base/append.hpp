#pragma once

#include <iterator>
#include <vector>

namespace troupe::internal {

/// Moves what `from` holds behind what `to` holds.
template <class T>
void append(std::vector<T>& to, std::vector<T>&& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace troupe::internal
