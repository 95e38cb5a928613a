#include "core/call_story.hpp"

#include <algorithm>

namespace troupe::internal {
namespace {

std::string behind(const call_story& story) {
  std::string text;
  if (story.ahead > 0) text = " behind " + std::to_string(story.ahead) + (story.ahead == 1 ? " other" : " others");
  if (!story.running.empty()) text += (text.empty() ? " behind " : " and ") + story.running;
  if (!story.waits_for.empty()) text += ", which waits for " + story.waits_for;
  return text;
}

std::string phase_of(const call_story& story) {
  switch (story.where) {
    case call_story::place::held:
      return "it was held back for " + show_time(story.there) + " until its caller's earlier turns are saved";
    case call_story::place::queued:
      return "it was queued for " + show_time(story.queued) + behind(story);
    case call_story::place::activating:
      return "it was queued for " + show_time(story.queued) + " while the actor was " + story.running;
    case call_story::place::running:
      return "it was queued for " + show_time(story.queued) + ", and has been running for " + show_time(story.there) +
             (story.waits_for.empty() ? "" : ", waiting for " + story.waits_for);
    case call_story::place::saving:
      return "its turn has ended, and has been saving for " + show_time(story.there);
  }
  return {};
}

}  // namespace

std::string show_time(std::chrono::nanoseconds span) {
  const auto ms = std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::milliseconds>(span).count());
  if (ms < 1000) return std::to_string(ms) + " ms";
  return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s";
}

std::string tell(const call_story& story) {
  std::string text = "the call of " + story.call;
  text += story.why == errc::timeout ? " timed out after " : " was cancelled after ";
  text += show_time(story.total) + ": " + phase_of(story);
  text += effect_at(story.where) == effect::none
              ? ". Nothing of it happened: it may be called again"
              : ". Its effect may have happened, or happen yet: ask, or call again with the same idempotency key";
  return text;
}

std::exception_ptr error_of(const call_story& story) {
  return std::make_exception_ptr(error(story.why, tell(story), effect_at(story.where)));
}

}  // namespace troupe::internal
