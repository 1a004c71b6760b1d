#!/bin/sh
# Runs once inside the new root, as root, while the image is built. $1 = the public key that may log in.
set -eu
public_key=$1

chown -R root:root /etc/systemd /etc/sudoers.d /etc/ssh/sshd_config.d /srv /usr/local/bin /usr/local/sbin /opt
chmod 440 /etc/sudoers.d/dora
for name in mysqld mailer; do cp /usr/local/sbin/memory-holder /usr/local/sbin/$name; done

mkdir -p /var/log/journal
# PAM complains at each login while it is missing.
: >/etc/default/locale
: >/etc/machine-id
: >/etc/apt/sources.list
rm -f /etc/apt/sources.list.d/* /etc/resolv.conf

useradd --create-home --shell /bin/bash ops
useradd --create-home --shell /bin/bash dora
for user in ops dora; do
  # PAM refuses an account whose password is locked with `!`.
  usermod -p '*' $user
  install -d -m 700 -o $user -g $user /home/$user/.ssh
  printf '%s\n' "$public_key" >/home/$user/.ssh/authorized_keys
  chown $user:$user /home/$user/.ssh/authorized_keys
done
install -d -m 700 /root/.ssh
printf '%s\n' "$public_key" >/root/.ssh/authorized_keys
rm -f /etc/ssh/ssh_host_*
ssh-keygen -q -t ed25519 -N '' -C '' -f /etc/ssh/ssh_host_ed25519_key

systemctl -q enable systemd-networkd queue_worker mysqld php8.2-fpm
# What `pm2 startup`, `pm2 start web.js` and `pm2 save` leave behind, by PM2 itself; it waits until it is wanted.
pm2=/opt/pm2/node_modules/.bin/pm2
as_ops() { cd / && HOME=/home/ops setpriv --reuid ops --regid ops --init-groups "$@"; }
PATH=/usr/sbin:/usr/bin:/sbin:/bin $pm2 startup systemd -u ops --hp /home/ops >/dev/null
as_ops $pm2 --silent start /srv/app/web.js
as_ops $pm2 --silent save
as_ops $pm2 --silent kill
rm -rf /home/ops/.pm2/logs/* /home/ops/.pm2/pm2.log /root/.pm2
systemctl -q disable pm2-ops

# Nothing may start by itself when the clock jumps after a snapshot was loaded.
systemctl -q mask systemd-networkd-wait-online.service apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer \
  dpkg-db-backup.timer logrotate.timer fstrim.timer phpsessionclean.timer man-db.timer \
  sysstat-collect.timer sysstat-summary.timer systemd-tmpfiles-clean.timer systemd-timesyncd.service
# Merely installed, both would run and kill before the kernel does.
systemctl -q mask systemd-oomd.service systemd-oomd.socket earlyoom.service
