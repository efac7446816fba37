/**
 * Rules of the house that a program can check: who may import whom, what only some may touch, what no file may hold.
 *
 * <p>The rules and their reasons are in {@code CONTRIBUTING.md}. Start at
 * {@link org.merlinmq.verification.house.LayersTest}.
 */
@NullMarked
package org.merlinmq.verification.house;

import org.jspecify.annotations.NullMarked;
