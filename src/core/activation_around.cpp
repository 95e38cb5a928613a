#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/resident.hpp"
#include "core/turn.hpp"
#include "troupe/core/call_filter.hpp"

// What travels with a message, and what looks at it on its way.

namespace troupe {

void call_filter::on_send(const filtered_call&, request_context&) {}
void call_filter::on_begin(const filtered_call&, request_context&) {}
void call_filter::on_end(const filtered_call&, const std::exception_ptr&) noexcept {}

namespace internal {
namespace {

filtered_call seen(const activation& target, const detail::request& r) {
  return {.actor_type = target.type_name(), .key = target.key(), .method = r.name()};
}

}  // namespace

void pass_on(const turn* from, const activation& target, detail::request& r) {
  if (from != nullptr && r.context.empty()) r.context = from->context;
  const filter_list& filters = from != nullptr ? from->owner().type().filters : target.system().filters();
  for (const auto& filter : filters) filter->on_send(seen(target, r), r.context);
}

void activation::begin_around(turn& t) {
  detail::request& r = *t.request;
  t.has_extras = true;
  t.context = r.context;
  if (const trace_context* trace = t.context.trace(); trace != nullptr) {
    std::uint64_t span = system().random();
    while (span == 0) span = system().random();
    t.context = t.context.with(trace->child(span));
  }
  for (const auto& filter : type_->filters) {
    ++t.filters_begun;
    filter->on_begin(seen(*this, r), t.context);
  }
}

void activation::end_around(turn& t, const std::exception_ptr& failure) noexcept {
  while (t.filters_begun > 0) type_->filters[--t.filters_begun]->on_end(seen(*this, *t.request), failure);
}

}  // namespace internal
}  // namespace troupe
