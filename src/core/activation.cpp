#include "core/activation.hpp"

#include <new>
#include <stdexcept>
#include <utility>

#include "core/actor_system.hpp"
#include "core/crowd.hpp"
#include "core/current_strand.hpp"
#include "core/later.hpp"
#include "core/reference_credits.hpp"
#include "core/resident.hpp"

namespace troupe::internal {

activation* activation::make(const hosted_type& type, std::string_view key, std::size_t hash) {
  void* memory = ::operator new(sizeof(activation) + key.size());
  auto* made = new (memory) activation(type, key.size(), hash);
  key.copy(made->key_bytes(), key.size());
  return made;
}

activation::activation(const hosted_type& type, std::size_t key_size, std::size_t hash) noexcept
    : hash_(static_cast<std::uint32_t>(hash)), type_(&type), key_size_(static_cast<std::uint16_t>(key_size)) {}

activation::~activation() {
  if (seldom_needed* there = seldom_.load(std::memory_order_relaxed); there != nullptr) {
    delete there->here.load(std::memory_order_relaxed);
    delete there;
  }
  delete work_;
}

activation::seldom_needed& activation::seldom() {
  seldom_needed* there = seldom_.load(std::memory_order_acquire);
  if (there != nullptr) return *there;
  auto made = std::make_unique<seldom_needed>();
  if (seldom_.compare_exchange_strong(there, made.get(), std::memory_order_acq_rel)) return *made.release();
  return *there;
}

bool activation::spare_work() noexcept {
  if (!work_->is_empty() || (resident_ && resident_->where != phase::active)) return false;
  if (work_->running.has_extras) work_->running.forget_extras();
  working_sets_here.keep(std::exchange(work_, nullptr));
  return true;
}

void activation::destroy(activation* self) noexcept {
  self->~activation();
  ::operator delete(self);
}

void activation::retain() noexcept {
  reference_credits::entry& credits = credits_here.at(this);
  if (credits.of == this && credits.left > 0) {
    --credits.left;
  } else {
    count_references();
  }
}

void activation::release() noexcept {
  reference_credits::entry& credits = credits_here.at(this);
  if (credits.of == this && credits.left < 2 * reference_credits::ahead) {
    ++credits.left;
  } else {
    release_counted(1);
  }
}

void activation::count_references() noexcept {
  std::uint32_t count = 1;
  if (credits_here.keeps()) {
    reference_credits::entry& credits = credits_here.at(this);
    if (credits.of != this && std::exchange(credits.wanted, this) == this) {
      // Wanted twice in a row: worth more than the one that has the entry.
      reference_credits::let_go(credits);
      credits.of = this;
    }
    if (credits.of == this) {
      count += reference_credits::ahead;
      credits.left = reference_credits::ahead;
    }
  }
  references_.fetch_add(count, std::memory_order_relaxed);
}

void activation::release_counted(std::uint32_t count) noexcept {
  // Only the directory may drop the last reference, under its lock: a look-up could be handing out another one.
  std::uint32_t found = references_.load(std::memory_order_relaxed);
  while (found > count) {
    if (references_.compare_exchange_weak(found, found - count, std::memory_order_acq_rel, std::memory_order_relaxed)) {
      return;
    }
  }
  if (count > 1) references_.fetch_sub(count - 1, std::memory_order_acq_rel);
  system().directory().release_last(*this);
}

void reference_credits::let_go(entry& of) noexcept {
  // Freeing a place may use this entry again.
  const entry had = std::exchange(of, {.of = nullptr, .left = 0, .wanted = of.wanted});
  if (had.left > 0) had.of->release_counted(had.left);
}

void reference_credits::let_go() noexcept {
  for (entry& each : entries_) let_go(each);
}

std::string_view activation::type_name() const noexcept { return type_->info.name; }

void activation::check_may_change(turn& t, const char* what) const {
  if (t.outermost().mode != reentrancy::read_only) return;
  throw std::logic_error(std::string(what) + (&t == &t.outermost() ? " in" : " in a turn inside") +
                         " a read_only turn of " + display());
}

turn* activation::own_turn() noexcept { return this_strand == this ? this_turn : nullptr; }

void activation::mark_edited(detail::cell_base& cell) {
  turn* t = own_turn();
  if (t == nullptr) throw std::logic_error("troupe::state: edited outside a turn of " + display());
  check_may_change(*t, "troupe::state: edited");
  if (t->overlap || t->mode == reentrancy::interleave) keep_before_edit(*t, cell);
  if (!saves_every_turn() && t->outermost().mode != reentrancy::interleave) cell.keep();
  t->edited = cell.changed = true;
}

bool activation::rewrite_old_cells(actor& self, std::vector<cell_schema>& declared) {
  bool any = false;
  for (auto* cell = self.cells_; cell != nullptr; cell = cell->next) {
    declared.push_back({std::string(cell->name()), cell->schema()});
    if (!cell->present || !cell->changed) continue;
    self.activation_->mark_edited(*cell);
    self.activation_->own_turn()->saves = any = true;
  }
  return any;
}

void activation::erase_with_turn() {
  turn* t = own_turn();
  if (t == nullptr) throw std::logic_error("troupe::actor: erased outside a turn of " + display());
  if (t->kind == turn_kind::on_activate)
    throw std::logic_error("troupe::actor: erase() in on_activate of " + display());
  check_may_change(*t, "troupe::actor: erase()");
  if (t->outermost().mode == reentrancy::interleave) {
    throw std::logic_error("troupe::actor: erase() in an interleaved turn of " + display() +
                           ": others may be under way; do it in a method that is exclusive<...>");
  }
  t->plain = false;
  t->erase = true;
}

void activation::deactivate_with_turn() {
  turn* t = own_turn();
  if (t == nullptr) throw std::logic_error("troupe::actor: deactivated outside a turn of " + display());
  if (t->kind == turn_kind::on_activate) {
    throw std::logic_error("troupe::actor: deactivate() in on_activate of " + display() +
                           ": the message that woke it would wake it again; throw to refuse the activation");
  }
  t->plain = false;
  t->deactivate = true;
}

void activation::request_deactivation(deactivation_reason reason) noexcept {
  if (resident_) resident_->leave = reason;
}

void activation::keep_alive(std::chrono::milliseconds span) noexcept {
  seldom().activation.keep_until = later(system().now(), span);
}

void activation::close() noexcept {
  const mailbox_word::remains left = inbox_.close();
  counted_ = !left.was_dormant;
  if (left.messages == nullptr) return;
  claim_work();
  detail::message** end = &work_->backlog;
  while (*end != nullptr) end = &(*end)->next;
  *end = left.messages;
}

void activation::drop_messages() noexcept {
  if (work_ == nullptr) return;
  while (work_->backlog != nullptr) {
    detail::message* m = work_->backlog;
    work_->backlog = std::exchange(m->next, nullptr);
    m->abandon();
  }
  while (detail::request* r = pop_waiting()) r->abandon();
  if (!resident_) return;
  for (gated_output& output : work_->gate.take_all()) {
    if (output.reply != nullptr) output.reply->abandon_in_doubt(detail::turn_stage::committing);
    output.one_way.abandon();
    if (output.call.request != nullptr) output.call.request->abandon();
  }
  while (detail::request* r = work_->returning.pop()) r->abandon();
  for_each_turn([](turn& t) {
    t.one_way.abandon();
    if (t.request != nullptr) t.request->abandon_in_doubt(detail::turn_stage::running);
    t.request = nullptr;
  });
}

void activation::retire() noexcept {
  if (counted_) release();
}

void activation::drop_resident() noexcept {
  if (!resident_) return;
  for_each_turn([](turn& t) {
    if (t.root) t.root.destroy();
  });
  system().idle().remove(*this);
  delete std::exchange(work_, nullptr);
  const detached gone = detach();
}

activation::detached activation::detach() noexcept {
  detached gone;
  gone.self = std::move(resident_.self);
  gone.store = std::move(resident_.store);
  resident_ = {};
  if (seldom_needed* there = seldom_.load(std::memory_order_relaxed); there != nullptr) {
    gone.seldom = std::make_unique<seldom_needed::of_activation>(std::exchange(there->activation, {}));
  }
  return gone;
}

}  // namespace troupe::internal

namespace troupe::detail {

activation_ptr::activation_ptr(const activation_ptr& other) noexcept : target_(other.target_) {
  if (target_ != nullptr) target_->retain();
}

activation_ptr::~activation_ptr() {
  if (target_ != nullptr) target_->release();
}

}  // namespace troupe::detail
