#pragma once

#include <cstdint>

namespace troupe {

class actor;
enum class reentrancy : std::uint8_t;
template <class Actor>
class actor_ref;
class error;
class runtime;
template <class T>
class state;
class storage;
template <class T>
class task;
class timer;

namespace detail {
class cell_base;
class log_base;
class saga_base;
}  // namespace detail

namespace internal {
class activation;
class actor_system;
class turn;
}  // namespace internal

}  // namespace troupe
