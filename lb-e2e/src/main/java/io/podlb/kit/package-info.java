/**
 * Kubernetes Services inside JUnit 5: the data plane and the control plane of podlb in the JVM of a test, with embedded
 * Pods, faults, a seed, and a receipt for every connection.
 *
 * <p>What is there while a test runs, and what is done to it:
 *
 * <ul>
 *   <li>{@link io.podlb.kit.PodlbTest @PodlbTest}, {@link io.podlb.kit.ServiceAddress @ServiceAddress},
 *       {@link io.podlb.kit.PodlbExtension}, {@link io.podlb.kit.LeakCheck}: a lab for a test class or a test;
 *   <li>{@link io.podlb.kit.Lab}, {@link io.podlb.kit.LabBuilder}, {@link io.podlb.kit.KitService}: a lab by hand;
 *   <li>{@link io.podlb.kit.ServiceHandle}, {@link io.podlb.kit.PodHandle}: what happens to Services and Pods;
 *   <li>{@link io.podlb.kit.Pods}, {@link io.podlb.kit.PodBehaviour}, {@link io.podlb.kit.SocketHandler}: what Pods do;
 *   <li>{@link io.podlb.kit.KitFault}, {@link io.podlb.kit.Injection}: what goes wrong on the way to them.
 * </ul>
 *
 * <p>What is known of it afterwards, and what is expected:
 *
 * <ul>
 *   <li>{@link io.podlb.kit.ConnectionRecord}, {@link io.podlb.kit.Attempt}, {@link io.podlb.kit.Receipts}: who got
 *       which connection, and why;
 *   <li>{@link io.podlb.kit.PodlbAssertions}, {@link io.podlb.kit.ConnectionsAssert},
 *       {@link io.podlb.kit.ConnectionAssert}: assertions about that;
 *   <li>{@link io.podlb.kit.DecisionLog}, {@link io.podlb.kit.RecordsJson}, {@link io.podlb.kit.Timeline}: the same to
 *       compare, to store and to look at.
 * </ul>
 */
@NullMarked
package io.podlb.kit;

import org.jspecify.annotations.NullMarked;
