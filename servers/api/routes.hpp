#pragma once

#include "servers/api/api.hpp"

namespace kpmsim::api {

// The handlers of the routes, by what they are about: one file each.

void get_healthz(ApiRoom&, ApiCall);
void get_readyz(ApiRoom&, ApiCall);
void get_version(ApiRoom&, ApiCall);
void get_metrics(ApiRoom&, ApiCall);
void get_openapi(ApiRoom&, ApiCall);

void get_farm(ApiRoom&, ApiCall);
void get_meters(ApiRoom&, ApiCall);
void get_meter(ApiRoom&, ApiCall);
void post_meters(ApiRoom&, ApiCall);
void delete_meter(ApiRoom&, ApiCall);
void get_supplies(ApiRoom&, ApiCall);
void get_loads(ApiRoom&, ApiCall);
void get_lines(ApiRoom&, ApiCall);

void get_points(ApiRoom&, ApiCall);
void patch_points(ApiRoom&, ApiCall);
void delete_point(ApiRoom&, ApiCall);
void get_registers(ApiRoom&, ApiCall);
void put_registers(ApiRoom&, ApiCall);

void get_time(ApiRoom&, ApiCall);
void post_advance(ApiRoom&, ApiCall);
void put_clock(ApiRoom&, ApiCall);

void get_action_kinds(ApiRoom&, ApiCall);
void get_actions(ApiRoom&, ApiCall);
void post_action(ApiRoom&, ApiCall);
void delete_actions(ApiRoom&, ApiCall);
void delete_action(ApiRoom&, ApiCall);

void get_scenario(ApiRoom&, ApiCall);
void get_expectations(ApiRoom&, ApiCall);
void post_expect(ApiRoom&, ApiCall);

void get_journal(ApiRoom&, ApiCall);
void get_journal_count(ApiRoom&, ApiCall);
void post_journal_find(ApiRoom&, ApiCall);
void get_near_misses(ApiRoom&, ApiCall);
void delete_journal(ApiRoom&, ApiCall);
void get_events(ApiRoom&, ApiCall);

void get_state(ApiRoom&, ApiCall);
void put_state(ApiRoom&, ApiCall);
void post_reset(ApiRoom&, ApiCall);
void post_shutdown(ApiRoom&, ApiCall);

} // namespace kpmsim::api
