#include "stores/document/document.hpp"

#include <algorithm>

namespace troupe::internal {

held_actor held_by(const document* held, const spi::turn_record& record) noexcept {
  held_actor actor;
  if (held == nullptr) return actor;
  if (!held->erased) {
    actor.stamp = held->actor.image.stamp;
    actor.epoch = held->actor.image.epoch;
  } else if (record.erase) {
    actor.erased_by_record =
        std::find(held->erasures.begin(), held->erasures.end(), record.next) != held->erasures.end();
  }
  return actor;
}

document document_after(const document* held, const spi::turn_record& record) {
  document after;
  if (held != nullptr) after.erasures = held->erasures;
  if (held != nullptr && !held->erased && !record.erase) {
    after.actor = held->actor;
    after.life = held->life;
    after.sealed = held->sealed;
  }
  after.actor.image.actor = record.actor;
  if (!record.erase) {
    apply(after.actor, record, 0);  // a document is written whole: every cell of it stands apart
    after.actor.due = due_after(record, after.actor.due);
    if (after.life.version == 0 && !after.actor.image.logs.empty()) after.life = record.next;
    return after;
  }
  after.erased = true;
  after.actor.image.stamp = record.next;
  after.actor.image.epoch = record.epoch;
  if (after.erasures.size() == erasures_per_document) after.erasures.erase(after.erasures.begin());
  after.erasures.push_back(record.next);
  return after;
}

spi::load_result load_of(const document& held) {
  if (held.erased) return load_of_nothing(held.actor.image.actor, spi::read_status::ok);
  return {spi::read_status::ok, {}, held.actor.image};
}

}  // namespace troupe::internal
