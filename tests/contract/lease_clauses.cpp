#include <array>

#include "contract/clause_support.hpp"

// Leases of hosts, where a store has them.
namespace troupe::contract {
namespace {

using spi::commit_status;

/// What a store that does not offer leases must say.
violations refuses_what_it_does_not_offer(const store_client& client) {
  checker check;
  const auto refused = client.take_lease("east-1");
  check.expect(refused.status == spi::read_status::unavailable && !refused.message.empty() && refused.epoch == 0,
               "a store that does not declare leases gives one");
  check.expect_status(client.commit(birth({"seller", "acme"})), commit_status::committed, "a commit after a refusal");
  return check.take();
}

violations shuts_out_a_host_whose_lease_was_taken(store_place& place) {
  const store_client host(place.open());
  if (!host.store().capabilities().host_leases) return refuses_what_it_does_not_offer(host);
  checker check;
  const store_client other(place.open());
  const store_client free(place.open());
  const auto taken = host.take_lease("east-1");
  check.expect(taken.status == spi::read_status::ok && taken.epoch == 1, "a first lease is not of epoch 1");
  check.expect(other.take_lease("east-2").epoch == 1, "the lease of another host is not of epoch 1");
  check.expect_status(host.commit(birth({"seller", "a"})), commit_status::committed, "a commit under a lease");
  const auto later = other.take_lease("east-1");
  check.expect(later.status == spi::read_status::ok && later.epoch == 2, "a lease taken again is not of epoch 2");
  const std::array batch{birth({"seller", "b"}), turn({"seller", "a"}, {1, 11}, {2, 11}),
                         erasure({"seller", "a"}, {1, 11}, {2, 11})};
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto result = host.commit(batch[i]);
    check.expect_status(result, commit_status::conflict, "a commit of a host whose lease was taken");
    check.expect(result.message.find("east-1") != std::string::npos, "the conflict does not name the lease");
  }
  check.expect_nothing(host.load({"seller", "b"}), "what a host without its lease wrote");
  check.expect(host.load({"seller", "a"}).image.stamp == spi::commit_stamp{1, 11}, "what it changed");
  check.expect_status(other.commit(batch[1]), commit_status::committed, "a commit of who holds the lease now");
  check.expect_status(free.commit(birth({"seller", "c"})), commit_status::committed, "a commit without any lease");
  check.expect(host.take_lease("east-1").epoch == 3, "a host cannot take its lease back");
  check.expect_status(host.commit(birth({"seller", "b"})), commit_status::committed, "a commit under the new lease");
  check.expect_status(other.commit(birth({"seller", "d"})), commit_status::conflict, "a commit under the old one");
  return check.take();
}

/// Batches are under way while the lease is taken: what is committed behind the taking is too late.
violations lets_nothing_through_behind_a_taken_lease(store_place& place) {
  checker check;
  const store_client host(place.open());
  if (!host.store().capabilities().host_leases) return refuses_what_it_does_not_offer(host);
  const store_client other(place.open());
  for (std::size_t round = 0; round < 10; ++round) {
    const std::string name = "host-" + std::to_string(round);
    static_cast<void>(host.take_lease(name));
    std::vector<std::vector<spi::turn_record>> batches;
    std::vector<actor_id> actors;
    for (std::size_t b = 0; b < 4; ++b) {
      auto& batch = batches.emplace_back();
      for (std::size_t i = 0; i < 64; ++i) {
        actors.push_back({"seller", std::to_string(round) + "/" + std::to_string(b * 64 + i)});
        batch.push_back(birth(actors.back()));
      }
    }
    std::vector<pending<std::vector<spi::commit_result>>> results(batches.size());
    for (std::size_t b = 0; b < 2; ++b) host.store().async_commit(batches[b], results[b].completion());
    const auto taken = other.take_lease(name);
    // Whatever of the host is not there now may not come any more.
    std::vector<bool> there;
    for (const auto& loaded : other.load(actors)) there.push_back(loaded.image.stamp.version != 0);
    for (std::size_t b = 2; b < 4; ++b) host.store().async_commit(batches[b], results[b].completion());
    for (auto& result : results) static_cast<void>(result.get());
    const auto loads = other.load(actors);
    std::size_t late = 0;
    for (std::size_t i = 0; i < loads.size(); ++i) late += loads[i].image.stamp.version != 0 && !there[i] ? 1U : 0U;
    check.expect(taken.status == spi::read_status::ok, "a lease cannot be taken while its host commits");
    check.expect(late == 0, std::to_string(late) + " records of a host came behind the taking of its lease");
  }
  return check.take();
}

violations refuses_leases_without_a_name(store_place& place) {
  checker check;
  const store_client client(place.open());
  for (const std::string& name : {std::string(), std::string(129, 'h')}) {
    const auto refused = client.take_lease(name);
    check.expect(refused.status != spi::read_status::ok && !refused.message.empty() && refused.epoch == 0,
                 "a lease is given to a name of " + std::to_string(name.size()) + " bytes");
  }
  return check.take();
}

}  // namespace

std::span<const clause> lease_clauses() {
  static constexpr std::array clauses{
      clause{"ShutsOutAHostWhoseLeaseWasTaken", shuts_out_a_host_whose_lease_was_taken},
      clause{"LetsNothingThroughBehindATakenLease", lets_nothing_through_behind_a_taken_lease},
      clause{"RefusesLeasesWithoutAName", refuses_leases_without_a_name},
  };
  return clauses;
}

}  // namespace troupe::contract
