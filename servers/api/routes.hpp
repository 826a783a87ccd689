#pragma once

#include "servers/api/api.hpp"

namespace kpmsim::api {

// The handlers of the routes, by what they are about: one file each.

void get_healthz(ApiRoom&, const ApiCall&);
void get_readyz(ApiRoom&, const ApiCall&);
void get_version(ApiRoom&, const ApiCall&);
void get_metrics(ApiRoom&, const ApiCall&);
void get_openapi(ApiRoom&, const ApiCall&);

void get_farm(ApiRoom&, const ApiCall&);
void get_meters(ApiRoom&, const ApiCall&);
void get_meter(ApiRoom&, const ApiCall&);
void post_meters(ApiRoom&, const ApiCall&);
void delete_meter(ApiRoom&, const ApiCall&);
void get_supplies(ApiRoom&, const ApiCall&);
void get_loads(ApiRoom&, const ApiCall&);
void get_lines(ApiRoom&, const ApiCall&);

void get_points(ApiRoom&, const ApiCall&);
void patch_points(ApiRoom&, const ApiCall&);
void delete_point(ApiRoom&, const ApiCall&);
void get_registers(ApiRoom&, const ApiCall&);
void put_registers(ApiRoom&, const ApiCall&);

void get_time(ApiRoom&, const ApiCall&);
void post_advance(ApiRoom&, const ApiCall&);
void put_clock(ApiRoom&, const ApiCall&);

void get_action_kinds(ApiRoom&, const ApiCall&);
void get_actions(ApiRoom&, const ApiCall&);
void post_action(ApiRoom&, const ApiCall&);
void delete_actions(ApiRoom&, const ApiCall&);
void delete_action(ApiRoom&, const ApiCall&);

void get_scenario(ApiRoom&, const ApiCall&);
void get_expectations(ApiRoom&, const ApiCall&);
void post_expect(ApiRoom&, const ApiCall&);

void get_journal(ApiRoom&, const ApiCall&);
void get_journal_count(ApiRoom&, const ApiCall&);
void post_journal_find(ApiRoom&, const ApiCall&);
void get_near_misses(ApiRoom&, const ApiCall&);
void delete_journal(ApiRoom&, const ApiCall&);
void get_events(ApiRoom&, const ApiCall&);

void get_state(ApiRoom&, const ApiCall&);
void put_state(ApiRoom&, const ApiCall&);
void post_reset(ApiRoom&, const ApiCall&);
void post_shutdown(ApiRoom&, const ApiCall&);

} // namespace kpmsim::api
