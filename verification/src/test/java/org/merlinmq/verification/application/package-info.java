/**
 * Our client as applications get it: its jar and those it stands on, in a process without anything else of ours.
 *
 * <p>Start at {@link org.merlinmq.verification.application.ModularApplicationTest}.
 */
@NullMarked
package org.merlinmq.verification.application;

import org.jspecify.annotations.NullMarked;
