/** Memory, images, other people's disks and boot partitions fill by design or not at all. */
const NO_DISK_SOURCE = /^(?:tmpfs|devtmpfs|udev|none|shm|overlay|squashfs|rootfs|ramfs|efivarfs|\/dev\/(?:loop|sr)\d+)$/
const NO_DISK_MOUNT = /^\/(?:dev|proc|run|sys|snap|var\/lib\/(?:docker|containers|kubelet))(?:\/|$)/

export const isRealDisk = (disk: { readonly source: string; readonly mount: string }): boolean =>
  !NO_DISK_SOURCE.test(disk.source) && !NO_DISK_MOUNT.test(disk.mount)
