/**
 * Where front ends are bound: the mapping of cluster IPs and node ports to socket addresses of this machine.
 *
 * <p>{@link io.podlb.control.address.AddressMap} is the entry; one pass of it gives a {@link
 * io.podlb.control.address.Placement}. {@link io.podlb.control.address.LocalRoute} is needed by mode {@code bind} alone.
 *
 * <p>May use {@code translate}, {@code cluster} and the vocabulary of the data plane. Everything is used by the control
 * thread, except where a type says otherwise.
 *
 * <p>Where an external IP of one Service and the node port of another ask for one address and port, the one that is bound
 * first has it and the other is reported (unlike kube-semantics 5.9): the kernel lets no socket listen there beside one
 * that listens on all addresses.
 */
@NullMarked
package io.podlb.control.address;

import org.jspecify.annotations.NullMarked;
