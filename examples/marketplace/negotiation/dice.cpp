#include "negotiation/dice.hpp"

namespace marketplace {
namespace {

// The mixing step of SplitMix64. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

}  // namespace

std::uint64_t draw(std::uint64_t seed, std::string_view deal, negotiation_step step) {
  std::uint64_t random = mix(seed ^ static_cast<std::uint64_t>(step));
  for (const char c : deal) random = mix(random ^ static_cast<unsigned char>(c));
  return random;
}

}  // namespace marketplace
